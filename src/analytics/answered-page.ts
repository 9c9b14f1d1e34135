import { fragmentBytesMax } from "../fragments.ts";
import { fromPageToken, toPageSize, toPageToken } from "../page-token.ts";
import type { Key } from "../store/key.ts";
import type { AnalyticsLimits } from "./analytics-limits.ts";

interface Paging<T> {
  readonly asked: { readonly pageSize: number; readonly pageToken: string };
  /** All the request says but for the page's size and token, and the tenant. */
  readonly query: Key;
  readonly limits: AnalyticsLimits;
  /** Those after the position, in order, at most so many. */
  readonly fetch: (after: string | undefined, limit: number) => Promise<readonly T[]>;
  /** Where the next page begins, after this one. */
  readonly positionOf: (item: T) => string;
  /** About what it takes in the answer. */
  readonly bytesOf: (item: T) => number;
}

/** One page, as many as were asked for and an answer has room for, and the token of the next. */
export async function answeredPage<T>({
  asked,
  query,
  limits,
  fetch,
  positionOf,
  bytesOf,
}: Paging<T>): Promise<{ readonly items: T[]; readonly nextPageToken: string }> {
  const size = toPageSize(asked.pageSize);
  // One more tells whether there is a next page.
  const found = await fetch(fromPageToken(query, asked.pageToken), size + 1);
  const items: T[] = [];
  let bytes = pageTokenBytesMax;
  for (const item of found) {
    bytes += bytesOf(item);
    const last = items.at(-1);
    if (last !== undefined && (items.length === size || bytes > fragmentBytesMax(limits))) {
      return { items, nextPageToken: toPageToken(query, positionOf(last)) };
    }
    items.push(item);
  }
  return { items, nextPageToken: "" };
}

/** The longest position, in base64, with a digest. */
const pageTokenBytesMax = 2500;
