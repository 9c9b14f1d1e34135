import type { Seen } from "./keys-model.ts";
import type { Commit as ResolvableCommit } from "./resolve-unknown.ts";
import type { ToldEvent } from "./told-message.ts";
import type { Filter } from "./watch-history.ts";

export type Entries = ReadonlyMap<string, Seen>;

interface Commit {
  readonly revision: number;
  readonly events: readonly ToldEvent[];
  /** After it. */
  readonly entries: Entries;
}

/** All that happened, as one watcher of everything was told without a break: what others were told is held against it. */
export class WatchReference {
  readonly #commits: Commit[] = [];

  constructor(events: readonly ToldEvent[]) {
    for (const [revision, together] of Map.groupBy(events, (event) => event.revision)) {
      const entries = new Map(this.#commits.at(-1)?.entries);
      for (const event of together) apply(entries, event);
      this.#commits.push({ revision, events: together, entries });
    }
  }

  /** What was there once everything up to the revision had happened. */
  at(revision: number): Entries {
    return this.#commits.findLast((commit) => commit.revision <= revision)?.entries ?? new Map();
  }

  /** The entry just before the event: of two events of a commit the first has happened by the second. */
  before({ revision, type, key }: ToldEvent): Seen | undefined {
    const entries = new Map(this.at(revision - 1));
    const together = this.#commits.find((commit) => commit.revision === revision)?.events ?? [];
    for (const event of together) {
      if (event.key === key && event.type === type) break;
      apply(entries, event);
    }
    return entries.get(key);
  }

  /** What each commit did to those of the keys that it touched; none where it touched none. */
  changesOf(keys: ReadonlySet<string>): ResolvableCommit[] {
    return this.#commits.flatMap(({ revision, events, entries }, at) => {
      const before = this.#commits[at - 1]?.entries;
      const touched = [...keys].filter((key) =>
        events.some((event) => isWithin(spanOf(event), key)),
      );
      const changes = touched
        .map((key) => ({ key, before: before?.get(key), after: entries.get(key) }))
        .filter((change) => change.before !== undefined || change.after !== undefined);
      return changes.length === 0 ? [] : [{ revision, changes }];
    });
  }

  /** The events that a watch with the filter is told, after one revision and up to another. */
  events(filter: Filter, after: number, until: number): ToldEvent[] {
    return this.#commits
      .filter(({ revision }) => revision > after && revision <= until)
      .flatMap(({ events }) => events.flatMap((event) => throughFilter(filter, event)));
  }
}

function apply(entries: Map<string, Seen>, { key, entry, range }: ToldEvent): void {
  if (entry !== undefined) entries.set(key, entry);
  else if (range === undefined) entries.delete(key);
  else for (const each of entries.keys()) if (isWithin(range, each)) entries.delete(each);
}

const spanOf = ({ key, range }: ToldEvent): KeyRange =>
  range ?? rangeOf({ case: "key", value: key });

type KeyRange = { readonly start: string; readonly end: string };

/** By code units: the keys of these histories are ASCII. */
export const isWithin = ({ start, end }: KeyRange, key: string): boolean =>
  key >= start && (end === "" || key < end);

export function rangeOf(filter: Filter): KeyRange {
  switch (filter.case) {
    case "key":
      return { start: filter.value, end: `${filter.value}\x00` };
    case "prefix": {
      const last = filter.value.length - 1;
      const following = String.fromCharCode(filter.value.charCodeAt(last) + 1);
      return { start: filter.value, end: filter.value.slice(0, last) + following };
    }
    case undefined:
      return { start: "", end: "" };
  }
}

/** The event as the filter lets it through, a range cut to what is watched. */
function throughFilter(filter: Filter, event: ToldEvent): ToldEvent[] {
  const watched = rangeOf(filter);
  if (event.range === undefined) return isWithin(watched, event.key) ? [event] : [];
  const start = event.range.start > watched.start ? event.range.start : watched.start;
  const ends = [event.range.end, watched.end].filter((end) => end !== "").sort();
  const end = ends[0] ?? "";
  return end === "" || start < end ? [{ ...event, range: { start, end } }] : [];
}
