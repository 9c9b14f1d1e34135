import type { Key } from "../key.ts";
import type { Entry, Limits, PageOptions } from "../store.ts";

/** Collects one page: bounded by its limit, by bytes, and by how much is looked at. */
export function readPage<T>(
  visit: (each: (key: Key, item: T) => boolean) => void,
  seen: (key: Key, item: T) => Entry | undefined,
  { limit, pageBytes, pageRecords }: Pick<PageOptions, "limit"> & Limits,
): { entries: Entry[]; next?: Key } {
  const entries: Entry[] = [];
  let bytes = 0;
  let examined = 0;
  let last: Key | undefined;
  let next: Key | undefined;
  visit((key, item) => {
    const full = entries.length >= limit || bytes >= pageBytes || examined >= pageRecords;
    if (full && last !== undefined) {
      next = last;
      return false;
    }
    const entry = seen(key, item);
    if (entry !== undefined) {
      entries.push(entry);
      bytes += entry.bytes;
    }
    examined++;
    last = key;
    return true;
  });
  return next === undefined ? { entries } : { entries, next };
}
