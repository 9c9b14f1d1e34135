import type { Span } from "../analytics-store.ts";
import type { Chunk } from "./chunk.ts";
import { meansRow, type RowFilter, rangeOf } from "./row-filter.ts";

/** How far the filter's rows reach: looked for from both ends, and no farther than is needed. */
export function spanOf(chunks: readonly Chunk[], filter: RowFilter): Span | undefined {
  const firstStart = firstStartOf(chunks, filter);
  if (firstStart === undefined) return undefined;
  let lastEnd = firstStart;
  const reaches = chunks.map(({ latest, latestEnd }) => Math.max(latest, latestEnd));
  for (const [index, chunk] of [...chunks.entries()].reverse()) {
    if ((reaches[index] as number) > lastEnd) lastEnd = Math.max(lastEnd, lastEndOf(chunk, filter));
  }
  return { firstStart, lastEnd };
}

function firstStartOf(chunks: readonly Chunk[], filter: RowFilter): number | undefined {
  for (const chunk of chunks) {
    const { low, high } = rangeOf(filter, chunk);
    for (let at = low; at < high; at++) if (meansRow(filter, chunk, at)) return chunk.starts[at];
  }
  return undefined;
}

function lastEndOf(chunk: Chunk, filter: RowFilter): number {
  const { low, high } = rangeOf(filter, chunk);
  let last = Number.NEGATIVE_INFINITY;
  for (let at = high - 1; at >= low; at--) {
    if (chunk.extras.size === 0 && last !== Number.NEGATIVE_INFINITY) break;
    if (!meansRow(filter, chunk, at)) continue;
    const end = chunk.extras.get(chunk.ids[at] as number)?.end ?? (chunk.starts[at] as number);
    last = Math.max(last, end);
  }
  return last;
}
