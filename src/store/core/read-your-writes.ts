import type { Key, Range } from "../key.ts";
import type { Entry, Mutation, Page, PageOptions } from "../store.ts";

type Overlaid = Extract<Mutation, { op: "put" | "setExpiry" }>;

/** What an attempt sees under a key it has written itself. */
export function overlay(stored: Entry | undefined, mutation: Overlaid): Entry | undefined {
  switch (mutation.op) {
    case "setExpiry":
      return stored && withExpiry(stored, mutation.expireAt);
    case "put": {
      const created = mutation.anew === true ? 0 : (stored?.created ?? 0);
      const entry: Entry = {
        key: mutation.key,
        value: mutation.value,
        version: 0,
        created,
        bytes: 0,
      };
      return withExpiry(
        entry,
        mutation.expireAt === "keep" ? (stored?.expireAt ?? "none") : mutation.expireAt,
      );
    }
  }
}

/** The part of the range that a page has looked at: what it says holds there, and says nothing of the rest. */
export function coveredBy(range: Range, options: PageOptions, page: Page): Range {
  const { after } = options;
  if (options.descending) {
    return { start: page.next ?? range.start, end: after ?? range.end };
  }
  return {
    start: after === undefined ? range.start : justAfter(after),
    end: page.next === undefined ? range.end : justAfter(page.next),
  };
}

function withExpiry(entry: Entry, expireAt: number | "none"): Entry {
  const { expireAt: _, ...rest } = entry;
  return expireAt === "none" ? rest : { ...rest, expireAt };
}

const justAfter = (last: Key): Key => `${last}\x00` as Key;
