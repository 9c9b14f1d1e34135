/** What the writer of the crash tests keeps: names that stand for numbers, and under a number primaries, their index and a counter. */
import { type ByteString, byteStringCodec } from "../../src/store/byte-string.ts";
import { numberSpace } from "../../src/store/core/number-source.ts";
import { purgeSpace } from "../../src/store/core/purger.ts";
import { jsonCodec } from "../../src/store/json-codec.ts";
import {
  child,
  type Key,
  key,
  lengthOfParts,
  partsOf,
  type Range,
  startingWith,
  within,
} from "../../src/store/key.ts";
import type { Space } from "../../src/store/space.ts";
import { Spaces } from "../../src/store/spaces.ts";

/** What an attempt chose and its plan does not tell; written by every commit, so that it says what happened. */
export interface Ticket {
  /** The instant the expiries were counted from. */
  readonly at: number;
  /** Of the namespace it created. */
  readonly number?: number;
}

const plain = { rootParts: 2, history: true, evictable: false };

const ticketSpace: Space<Ticket> = { ...plain, name: "ticket", codec: jsonCodec() };
const nameSpace: Space<{ readonly number: number }> = {
  ...plain,
  name: "name",
  codec: jsonCodec(),
};
const primarySpace: Space<ByteString> = { ...plain, name: "primary", codec: byteStringCodec };
/** An index of groups: without a history, and a root for each group. */
const indexSpace: Space<ByteString> = {
  ...plain,
  name: "index",
  rootParts: 3,
  history: false,
  codec: byteStringCodec,
};
const countSpace: Space<number> = { ...plain, name: "count", codec: jsonCodec() };

export const crashSpaces: readonly Space<unknown>[] = [
  numberSpace,
  purgeSpace,
  ticketSpace,
  nameSpace,
  primarySpace,
  indexSpace,
  countSpace,
];

export const ticketsRoot: Key = key(0, ticketSpace.name);
export const ticketOf = (plan: number): Key => child(ticketsRoot, plan);
/** The plan whose ticket it is; undefined for another record. */
export const ticketNumber = (record: Key): number | undefined =>
  record.startsWith(ticketsRoot)
    ? (partsOf(record.slice(ticketsRoot.length) as Key)[0] as number)
    : undefined;
export const namesRoot: Key = key(0, nameSpace.name);
export const nameOf = (namespace: string): Key => child(namesRoot, namespace);
export const purgesRoot: Key = key(0, purgeSpace.name);

/** Everything under a namespace's number. */
export const allOf = (number: number): Range => within(key(number));
export const primariesRoot = (number: number): Key => key(number, primarySpace.name);
export const primaryOf = (number: number, id: string): Key => child(primariesRoot(number), id);
export const indexRoot = (number: number): Key => key(number, indexSpace.name);
export const indexOf = (number: number, id: string): Key =>
  child(child(indexRoot(number), groupOf(id)), id);
export const countOf = (number: number): Key => key(number, countSpace.name);

/** An id begins with its group. */
export const groupOf = (id: string): string => id.slice(0, 1);
export const groupRanges = (number: number, group: string): readonly [Range, Range] => [
  startingWith(primariesRoot(number), group),
  within(child(indexRoot(number), group)),
];

export const primaryName = primarySpace.name;
export const indexName = indexSpace.name;

/** Whether the record, or the beginning of a range, is in the space of that name. */
export const isIn = (where: Key, name: string): boolean =>
  where.startsWith(encodedNames.get(name) ?? key(name), lengthOfParts(where, 1));
const encodedNames = new Map(crashSpaces.map(({ name }) => [name, key(name)]));

export const hasHistory = (where: Key): boolean => !isIn(where, indexName);

/** The root that the record is counted under. */
export const rootOf = (record: Key): Key =>
  record.slice(0, lengthOfParts(record, spaces.of(record).rootParts)) as Key;
const spaces = new Spaces(crashSpaces);

/** All keys there can be. */
export const everything: Range = { start: "" as Key, end: "\xff" as Key };
