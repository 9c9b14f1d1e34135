import type { Group, Period } from "../src/tiffin/analytics/v1/query_pb.ts";
import type { WatchQueryResponse } from "../src/tiffin/analytics/v1/watch_pb.ts";

/** An answer as it is now. */
export interface WatchedAnswer {
  readonly periods: readonly Period[];
  readonly comparedPeriods: readonly Period[];
  /** In the order in which they came: an order that the query asks for is that of the first answer only, to be made anew from then on. */
  readonly groups: readonly Group[];
  readonly revision: bigint;
}

/** What a WatchQuery answers, put together: the whole answer at first, and again whenever it has changed. */
export async function* watchedAnswers(
  parts: AsyncIterable<WatchQueryResponse>,
): AsyncGenerator<WatchedAnswer, void, undefined> {
  let periods: readonly Period[] = [];
  let comparedPeriods: readonly Period[] = [];
  const groups = new Map<string, Group>();
  for await (const part of parts) {
    if (part.reset || part.periods.length > 0) {
      groups.clear();
      ({ periods, comparedPeriods } = part);
    }
    for (const group of part.removed) groups.delete(keyOf(group));
    for (const group of part.groups) groups.set(keyOf(group), group);
    if (part.more) continue;
    yield { periods, comparedPeriods, groups: [...groups.values()], revision: part.revision };
  }
}

/** Unambiguous whatever is in the names. */
const keyOf = ({ dimensions, metric, unit }: Group): string =>
  JSON.stringify([metric, unit, dimensions.map(({ path }) => path)]);
