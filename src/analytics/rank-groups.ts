import { setImmediate } from "node:timers/promises";
import { OrderBy } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { GroupColumns, GroupKey } from "../analytics-store/analytics-store.ts";
import { byCodePoints } from "../analytics-store/code-points.ts";
import { throwIfOver } from "../store/call-end.ts";
import { type GroupReader, textOfKey } from "./group-reader.ts";
import type { GroupOrder } from "./question.ts";

/** A group's place in the order, and where the engine has it: somewhere from `low` on and before `high`. */
export interface RankedGroup {
  readonly key: string;
  readonly low: number;
  readonly high: number;
  /** What it is put in order by. */
  readonly rank: number | string;
}

/** Whether the engine's own order is asked for. */
export const isUnranked = ({ by, descending }: GroupOrder): boolean =>
  by === OrderBy.UNSPECIFIED && !descending;

/** The groups of the question in the order that it asks for, the first `top` of them. Each is looked at over the whole range, as one period. */
export async function rankGroups(reader: GroupReader): Promise<RankedGroup[]> {
  const { room, call, question, main } = reader.reading;
  const { order, top } = question;
  const range = {
    boundaries: Float64Array.of(main.boundaries[0] ?? 0, main.boundaries.at(-1) ?? 0),
    before: main.before,
  };
  const aggregates = order.aggregate === undefined ? [] : [order.aggregate];
  const atOnce = Math.floor(room.limits.analyticsNumbersMax / (2 + aggregates.length));
  const count = Math.max(1, Math.min(rankedAtOnceMax, atOnce));
  let ranked: RankedGroup[] = [];
  for (let from = 0, total = 1; from < total; from += count) {
    if (from > 0) await setImmediate();
    throwIfOver(call, room.clock.now());
    const { groups, groupsTotal } = await reader.ask(range, aggregates, { from, count });
    total = groupsTotal;
    const end = Math.min(from + count, total);
    ranked = ranked.concat(
      groups.map((group, index) => ({
        key: textOfKey(group.key),
        low: from + index,
        high: end - (groups.length - 1 - index),
        rank: rankOf(order, group, from + index),
      })),
    );
    ranked.sort(inOrder(order));
    if (top > 0) ranked.length = Math.min(ranked.length, top);
  }
  return ranked;
}

function rankOf({ by }: GroupOrder, group: GroupColumns, place: number): number | string {
  const { key, base, change, aggregates } = group;
  switch (by) {
    case OrderBy.UNSPECIFIED:
      return place;
    case OrderBy.PATH:
      return rankOfPath(key);
    case OrderBy.VALUE:
      return change[0] as number;
    case OrderBy.SUM:
      return base + (change[0] as number);
    default:
      return aggregates[0]?.[0] as number;
  }
}

/** A text whose order by code points is that of the paths by their segments: no name has a NUL in it. */
const rankOfPath = ({ paths, metric, unit }: GroupKey): string =>
  [...paths.map((path) => path.replaceAll("/", "\0")), metric, unit].join("\0\0");

/** What is nothing comes last, however it is ordered. Those alike stay as they were. */
const inOrder =
  ({ descending }: GroupOrder) =>
  ({ rank: a }: RankedGroup, { rank: b }: RankedGroup): number => {
    const sign = descending ? -1 : 1;
    if (typeof a === "string" || typeof b === "string") {
      return sign * byCodePoints(String(a), String(b));
    }
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a === b ? 0 : sign * (a - b);
  };

/** Groups that one call of the engine ranks: each is kept with its key. */
const rankedAtOnceMax = 100_000;
