import { setImmediate } from "node:timers/promises";
import { throwIfOver } from "../store/call-end.ts";
import { type AnsweredGroup, type GroupReader, type Slice, textOfKey } from "./group-reader.ts";
import type { RankedGroup } from "./rank-groups.ts";

/** Some groups, in the order that was asked for. */
export interface GroupBatch {
  readonly groups: readonly AnsweredGroup[];
  /** Whether nothing follows. */
  readonly isLast: boolean;
  /** How many groups there are in all batches, at most. */
  readonly groupsTotal: number;
  /** How many are held with it, itself included, until their turn comes. */
  readonly groupsHeld: number;
}

export interface Batching {
  readonly reader: GroupReader;
  /** Undefined: in the engine's own order. */
  readonly ranked: readonly RankedGroup[] | undefined;
  /** How many groups are worked out at a time. */
  readonly groupsAtOnce: number;
  /** How many may be held until their turn comes, where they are put in an order that is not the engine's: as many or more. */
  readonly groupsHeldMax: number;
}

/** All groups of the question in their order, batch by batch. There is one batch at least. */
export const groupBatches = (batching: Batching): AsyncGenerator<GroupBatch> =>
  batching.ranked === undefined
    ? unrankedBatches(batching)
    : rankedBatches(batching, batching.ranked);

async function* unrankedBatches({ reader, groupsAtOnce }: Batching): AsyncGenerator<GroupBatch> {
  const { top } = reader.reading.question;
  let left = top === 0 ? Number.POSITIVE_INFINITY : top;
  for (let from = 0; ; from += groupsAtOnce) {
    const answer = await sliceInTurn(reader, { from, count: groupsAtOnce });
    const groups = answer.groups.slice(0, left);
    left -= groups.length;
    const isLast = left === 0 || from + groupsAtOnce >= answer.groupsTotal;
    const groupsTotal = Math.min(top === 0 ? answer.groupsTotal : top, answer.groupsTotal);
    yield { groups, isLast, groupsTotal, groupsHeld: groups.length };
    if (isLast) return;
  }
}

async function* rankedBatches(
  { reader, groupsAtOnce, groupsHeldMax }: Batching,
  ranked: readonly RankedGroup[],
): AsyncGenerator<GroupBatch> {
  for (let from = 0; from === 0 || from < ranked.length; from += groupsHeldMax) {
    const wanted = ranked.slice(from, from + groupsHeldMax);
    const held = await gathered(reader, wanted, groupsAtOnce);
    const isLast = from + groupsHeldMax >= ranked.length;
    for (let at = 0; at === 0 || at < held.length; at += groupsAtOnce) {
      const groups = held.slice(at, at + groupsAtOnce);
      yield {
        groups,
        isLast: isLast && at + groupsAtOnce >= held.length,
        groupsTotal: ranked.length,
        groupsHeld: held.length,
      };
    }
  }
}

/** From the slices that hold them, of which there are not many wherever they are. A group that was deleted meanwhile is not there any more. */
async function gathered(
  reader: GroupReader,
  wanted: readonly RankedGroup[],
  groupsAtOnce: number,
): Promise<AnsweredGroup[]> {
  const found = new Map<string, AnsweredGroup | undefined>();
  for (const { key } of wanted) found.set(key, undefined);
  for (const slice of slicesAround(wanted, groupsAtOnce)) {
    for (const group of (await sliceInTurn(reader, slice)).groups) {
      const key = textOfKey(group.key);
      if (found.has(key)) found.set(key, group);
    }
  }
  return [...found.values()].filter((group) => group !== undefined);
}

/** Slices of at most so many groups which hold all that are wanted. What lies between two is left out where most is saved by it. */
export function slicesAround(
  wanted: readonly Pick<RankedGroup, "low" | "high">[],
  groupsAtOnce: number,
): Slice[] {
  const places = wanted.toSorted((a, b) => a.low - b.low);
  const cuts = new Set(widestGaps(places));
  const slices: Slice[] = [];
  let from = places[0]?.low ?? 0;
  let to = from;
  const finish = (): void => {
    for (; from < to; from += groupsAtOnce) {
      slices.push({ from, count: Math.min(groupsAtOnce, to - from) });
    }
  };
  for (const [index, { low, high }] of places.entries()) {
    if (cuts.has(index)) {
      finish();
      from = low;
    }
    to = Math.max(to, high);
  }
  finish();
  return slices;
}

/** Before which of the places the engine is asked anew. */
function widestGaps(places: readonly Pick<RankedGroup, "low" | "high">[]): number[] {
  const gaps: { readonly index: number; readonly width: number }[] = [];
  let end = places[0]?.high ?? 0;
  for (const [index, { low, high }] of places.entries()) {
    if (low - end >= gapMin) gaps.push({ index, width: low - end });
    end = Math.max(end, high);
  }
  gaps.sort((a, b) => b.width - a.width);
  return gaps.slice(0, cutsMax).map(({ index }) => index);
}

/** In turns with the other calls, and not for a caller who has gone. */
async function sliceInTurn(reader: GroupReader, slice: Slice): ReturnType<GroupReader["slice"]> {
  const { call, room } = reader.reading;
  if (slice.from > 0) await setImmediate();
  throwIfOver(call, room.clock.now());
  return reader.slice(slice);
}

/** To ask again costs about as much as so many groups more. */
const gapMin = 16;
const cutsMax = 31;
