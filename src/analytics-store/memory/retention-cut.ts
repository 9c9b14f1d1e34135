import type { RetentionRule } from "../analytics-store.ts";
import type { Chunk } from "./chunk.ts";
import { firstNotBelow } from "./sorted-search.ts";

/** Whether a row is meant, by chunk and index. */
export type RowTest = (chunk: Chunk, at: number) => boolean;

/** What a rule does not keep of the rows that it is about. */
export interface RetentionCut {
  /** All that begin earlier. */
  readonly until: number;
  /** And these of those that begin then, by id. */
  readonly also: ReadonlySet<number>;
}

/** Chunks are in order. What begins at `now` or later is always kept. */
export function retentionCut(
  chunks: readonly Chunk[],
  { ageMs, count = 0 }: RetentionRule,
  { now, ...tests }: Tests & { readonly now: number },
): RetentionCut {
  if (ageMs !== undefined) return { until: Math.min(now, now - ageMs), also: none };
  const cut = cutBeforeLast(count, chunks, tests);
  return cut.until < now ? cut : { until: now, also: none };
}

export function isCut({ until, also }: RetentionCut, { starts, ids }: Chunk, at: number): boolean {
  const start = starts[at] as number;
  return start < until || (start === until && also.has(ids[at] as number));
}

interface Tests {
  readonly isMeant: RowTest;
  readonly isRollup: RowTest;
}

function cutBeforeLast(count: number, chunks: readonly Chunk[], tests: Tests): RetentionCut {
  const { isMeant } = tests;
  let going = -count;
  for (const chunk of chunks) going += countOf(chunk, isMeant);
  if (going <= 0) return { until: Number.NEGATIVE_INFINITY, also: none };
  const { start: until, earlier } = nthOf(chunks, isMeant, going);
  const ties = chunks.flatMap((chunk) => rowsAt(until, chunk, tests)).sort(rollupsFirst);
  return { until, also: new Set(ties.slice(0, going - earlier).map(({ id }) => id)) };
}

/**
 * Of what begins at one instant a rollup counts as earlier: it is made of what was before those that were kept. By its id, which is later than
 * theirs, they would go the next time.
 */
const rollupsFirst = (a: Tie, b: Tie): number =>
  Number(b.isRollup) - Number(a.isRollup) || a.id - b.id;

function countOf(chunk: Chunk, isMeant: RowTest): number {
  let count = 0;
  for (let at = 0; at < chunk.length; at++) if (isMeant(chunk, at)) count++;
  return count;
}

/** When the n-th of the meant rows begins, and how many begin earlier. */
function nthOf(
  chunks: readonly Chunk[],
  isMeant: RowTest,
  n: number,
): { readonly start: number; readonly earlier: number } {
  let [start, earlier, seen] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length && seen < n; at++) {
      if (!isMeant(chunk, at)) continue;
      if (chunk.starts[at] !== start) earlier = seen;
      start = chunk.starts[at] as number;
      seen++;
    }
  }
  return { start, earlier };
}

interface Tie {
  readonly id: number;
  readonly isRollup: boolean;
}

function rowsAt(start: number, chunk: Chunk, { isMeant, isRollup }: Tests): Tie[] {
  const ties: Tie[] = [];
  const { starts, ids, length } = chunk;
  for (let at = firstNotBelow(starts, start, { high: length }); at < length; at++) {
    if (starts[at] !== start) break;
    if (!isMeant(chunk, at)) continue;
    ties.push({ id: ids[at] as number, isRollup: isRollup(chunk, at) });
  }
  return ties;
}

const none: ReadonlySet<number> = new Set();
