import type { KeyRange } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { invalidField } from "../errors.ts";
import { between, child, type Key, key, only, type Range, stringAfter } from "../store/key.ts";
import { checkKey } from "./checked-key.ts";

/** As the requests' oneof has it. */
export type SelectorField =
  | { readonly case: "key"; readonly value: string }
  | { readonly case: "prefix"; readonly value: string }
  | { readonly case: "range"; readonly value: KeyRange }
  | { readonly case: undefined; readonly value?: undefined };

/** Keys from `start` to before `end`; empty: no bound. Every selector comes down to this. */
export interface Selection {
  readonly start: string;
  readonly end: string;
}

/** What the selector selects; all there is when it is unset. */
export function toSelection(selector: SelectorField, keyBytesMax: number): Selection {
  switch (selector.case) {
    case "key":
      checkKey(selector.value, "key", keyBytesMax);
      return { start: selector.value, end: `${selector.value}\x00` };
    case "prefix":
      checkKey(selector.value, "prefix", keyBytesMax);
      return { start: selector.value, end: prefixEnd(selector.value) };
    case "range": {
      const { start, end } = selector.value;
      checkKey(start, "range.start", keyBytesMax);
      checkKey(end, "range.end", keyBytesMax);
      if (end !== "" && key(end) < key(start)) {
        throw invalidField("range.end", "must not lie before range.start", end);
      }
      return { start, end };
    }
    case undefined:
      return { start: "", end: "" };
  }
}

/** The selection among the entries under the root. */
export const toRange = (root: Key, { start, end }: Selection): Range =>
  // One key has a range of its own kind, by which waiting watches are found at once.
  start !== "" && end === `${start}\x00` ? only(child(root, start)) : between(root, start, end);

/** The selection that a range under the root stands for: what `toRange` made, or a part of it. */
export function fromRange(root: Key, range: Range): Selection {
  const everything = between(root, "", "");
  return {
    start: range.start <= everything.start ? "" : stringAfter(root, range.start),
    end: range.end >= everything.end ? "" : stringAfter(root, range.end),
  };
}

export const toKeyRange = ({ start, end }: Selection): KeyRange => ({
  $typeName: "tiffin.kv.v1.KeyRange",
  start,
  end,
});

/** The first string after all that begin so, by code points, which is by UTF-8 bytes; empty: there is none. */
export function prefixEnd(prefix: string): string {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point === lastPoint) continue;
    const next = point === beforeSurrogates ? afterSurrogates : point + 1;
    return points.join("") + String.fromCodePoint(next);
  }
  return "";
}

const lastPoint = 0x10ffff;
const beforeSurrogates = 0xd7ff;
const afterSurrogates = 0xe000;
