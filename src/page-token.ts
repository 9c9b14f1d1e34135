import { TiffinError } from "./errors.ts";
import { fromQueryToken, toQueryToken } from "./query-token.ts";
import type { Key } from "./store/key.ts";

/** Asks for the page after `last`. `query` is all the request says but for the page's size and token. */
export const toPageToken = (query: Key, last: string): string => toQueryToken(query, last);

/** The last of the page before; undefined for the first page. */
export function fromPageToken(query: Key, token: string): string | undefined {
  if (token === "") return undefined;
  const last = fromQueryToken(query, token);
  if (last !== undefined) return last;
  const description = "was altered, or belongs to another query";
  throw new TiffinError("page_token_invalid", `page_token: ${description}`, {
    metadata: { field: "page_token", value: token },
    violations: [{ field: "page_token", description }],
  });
}

/** How many entries a page has at most, of what the request says. */
export const toPageSize = (asked: number): number =>
  asked === 0 ? pageSizeDefault : Math.min(asked, pageSizeMax);

const pageSizeDefault = 100;
const pageSizeMax = 1000;
