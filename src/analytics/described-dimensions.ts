import type { Dimension } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { DimensionEntry, DimensionKey } from "../analytics-store/analytics-store.ts";
import { absentPath, anySegment } from "../analytics-store/path.ts";
import type { RpcCall } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import type { AnsweredGroup } from "./group-reader.ts";
import type { Question } from "./question.ts";
import { toDimension } from "./to-dimension.ts";

/** The dimensions of groups, with what is said of each path: every group's in the order of `select`. */
export async function describedDimensions(
  { series }: AnalyticsRoom,
  call: RpcCall,
  { select, groups }: Pick<Question, "select"> & { readonly groups: readonly AnsweredGroup[] },
): Promise<Dimension[][]> {
  const asked = new Map<string, DimensionKey>();
  const keysOf = ({ key }: AnsweredGroup): DimensionKey[] =>
    select.map(({ dimension }, index) => ({ dimension, path: key.paths[index] ?? "" }));
  for (const group of groups) {
    for (const key of keysOf(group)) if (canBeDescribed(key)) asked.set(textOf(key), key);
  }
  const said = new Map<string, DimensionEntry>();
  const keys = [...asked.values()];
  for (let from = 0; from < keys.length; from += describedAtOnceMax) {
    const entries = await series.describe(call, keys.slice(from, from + describedAtOnceMax));
    for (const entry of entries) said.set(textOf(entry), entry);
  }
  const toSaid = (key: DimensionKey): Dimension =>
    toDimension(said.get(textOf(key)) ?? { ...key, ...unsaid });
  return groups.map((group) => keysOf(group).map(toSaid));
}

/** What stands for no path, and what was filled up, is no path that anything could be said of. */
const canBeDescribed = ({ path }: DimensionKey): boolean =>
  path !== "" && path !== absentPath && !path.endsWith(`/${anySegment}`);

const unsaid = { label: "", icon: "", description: "" };

/** No name has a NUL in it. */
const textOf = ({ dimension, path }: DimensionKey): string => `${dimension}\0${path}`;

const describedAtOnceMax = 10_000;
