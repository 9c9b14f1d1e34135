import { contains, type Key, partsOf, type Range } from "../../src/store/key.ts";
import type { Entry } from "../../src/store/store.ts";
import { indexName, isIn, namesRoot, primaryName, purgesRoot } from "./crash-spaces.ts";
import { type CrashModel, recordText } from "./model.ts";
import type { Recovered, View } from "./recovered.ts";
import type { Replayed } from "./replay.ts";

/** Holds what is visible, at each instant, against the model; and the index against the primaries without it. */
export function checkViews({ views }: Recovered, replayed: Replayed): string[] {
  return views.flatMap((view) => [...checkContents(view, replayed), ...checkIndex(view)]);
}

function checkContents({ now, entries }: View, { model }: Replayed): string[] {
  const wrong: string[] = [];
  const expected = model.live(now);
  for (const entry of entries) {
    const { key } = entry;
    if (isOwn(key)) continue;
    const record = expected.get(key);
    expected.delete(key);
    if (record === undefined) wrong.push(...unexpected(entry, entries, model));
    else if (recordText(record) !== recordText(entry))
      wrong.push(`${show(key)} is ${short(entry)} and should be ${short(record)}, at ${now}`);
  }
  for (const [key, record] of expected)
    wrong.push(`${show(key)} is not there, at ${now}, and should be ${short(record)}`);
  return wrong;
}

/** What nothing reaches any more may be there until it is purged, if something is going to. */
function unexpected({ key }: Entry, entries: readonly Entry[], model: CrashModel): string[] {
  if (!model.unreachable.some((range) => contains(range, key)))
    return [`${show(key)} is there and should not be`];
  return isToBePurged(key, entries)
    ? []
    : [`${show(key)} is unreachable, and nothing is going to purge it`];
}

/** Needs no model: a primary and its index record are written and expire as one. */
export function checkIndex({ now, entries }: View): string[] {
  const reachable = new Set<unknown>(
    entries
      .filter(({ key }) => key.startsWith(namesRoot))
      .map(({ value }) => (value as { number: number }).number),
  );
  const listed = (name: string): string[] =>
    entries
      .filter(({ key }) => isIn(key, name) && reachable.has(partsOf(key)[0]))
      .map((entry) => pairText(entry))
      .sort();
  const primaries = listed(primaryName);
  const index = listed(indexName);
  if (primaries.join() === index.join()) return [];
  return [`at ${now} the index holds ${index.join()} and the primaries are ${primaries.join()}`];
}

/** What a primary and its index record have in common: namespace, id, commit and expiry. */
function pairText({ key, version, expireAt }: Entry): string {
  const parts = partsOf(key);
  return `${parts[0]}/${parts.at(-1)}@${version}-${expireAt ?? "none"}`;
}

const isToBePurged = (key: Key, entries: readonly Entry[]): boolean =>
  entries.some((entry) => entry.key.startsWith(purgesRoot) && contains(entry.value as Range, key));

/** The core's own records: reserved numbers and purges to be done. */
const isOwn = (key: Key): boolean => isIn(key, "number") || isIn(key, "purge");

const show = (key: Key): string => JSON.stringify(partsOf(key));
const short = (record: Parameters<typeof recordText>[0]): string =>
  recordText(record).replace(/(.{60}).{20,}?(.{60})$/, "$1...$2");
