import type { Selection as SelectionMessage } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { Selection } from "../analytics-store/analytics-store.ts";
import { checkedName } from "../analytics-store/checked-series.ts";
import { checkedPattern } from "../analytics-store/path.ts";
import { invalidField } from "../errors.ts";

/** Which paths of which dimensions the request means. `field` is where the list stands. */
export const toSelections = (select: readonly SelectionMessage[], field: string): Selection[] =>
  select.map(({ dimension, paths, exclude, levelOfDetail }, index) => {
    const at = `${field}[${index}]`;
    const checked = (patterns: readonly string[], name: string): string[] =>
      patterns.map((text, place) => checkedPattern(text, `${at}.${name}[${place}]`));
    return {
      dimension: checkedName(dimension, `${at}.dimension`),
      patterns: { include: checked(paths, "paths"), exclude: checked(exclude, "exclude") },
      levelOfDetail,
    };
  });

/** Groups are made of every dimension once. */
export function checkDistinct(select: readonly Selection[], field: string): void {
  const seen = new Set<string>();
  for (const [index, { dimension }] of select.entries()) {
    if (seen.has(dimension)) {
      throw invalidField(`${field}[${index}].dimension`, "is selected twice", dimension);
    }
    seen.add(dimension);
  }
}
