import { type Key, key, type Range, within } from "../store/key.ts";
import type { Page, PageOptions } from "../store/store.ts";

/** What can be read page by page: the store, a snapshot, a transaction. */
export interface Readable {
  page(range: Range, options: PageOptions): Promise<Page>;
}

/** The ranges that nothing can reach any more and that are not purged yet, by where they begin. */
export async function unreachableRanges(read: Readable, jobs: Range): Promise<Range[]> {
  const found: Range[] = [];
  let after: Key | undefined;
  do {
    const page = await read.page(jobs, { limit: jobsPerPage, ...(after && { after }) });
    found.push(...page.entries.map(({ value }) => value as Range));
    after = page.next;
  } while (after !== undefined);
  return found.sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** What is left of the range without the others, which are ordered. */
export function without(range: Range, others: readonly Range[]): Range[] {
  const left: Range[] = [];
  let { start } = range;
  for (const other of others) {
    if (other.end <= start || other.start >= range.end) continue;
    if (other.start > start) left.push({ start, end: other.start });
    start = other.end;
  }
  if (start < range.end) left.push({ start, end: range.end });
  return left;
}

/** All that the tenant of the number has. */
export const reachableWithin = (number: number, unreachable: readonly Range[]): Range[] =>
  without(within(key(number)), unreachable);

const jobsPerPage = 1000;
