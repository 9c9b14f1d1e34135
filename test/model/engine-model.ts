import {
  contains,
  intersection,
  type Key,
  lengthOfParts,
  type Range,
} from "../../src/store/key.ts";
import type {
  Commit,
  CommitEvents,
  EngineOutcome,
  Entry,
  Expectation,
  Mutation,
  Revision,
  Statistics,
  StoreEvent,
} from "../../src/store/store.ts";

/** What a snapshot saw when it was opened. */
export interface ModelSnapshot {
  readonly revision: Revision;
  readonly at: number;
  readonly records: ReadonlyMap<Key, Entry>;
}

/** An engine without a thought for speed: a map that is copied, and every commit there ever was. */
export class EngineModel {
  records = new Map<Key, Entry>();
  commits: CommitEvents[] = [];
  head: Revision;
  floor: Revision;
  now: number;
  readonly snapshots: (ModelSnapshot | "lost")[] = [];
  readonly #remembers: (key: Key) => boolean;

  constructor(now: number, remembers: (key: Key) => boolean) {
    this.now = now;
    this.head = Math.floor(now * 1000);
    this.floor = this.head;
    this.#remembers = remembers;
  }

  isLive = (entry: Entry | undefined): entry is Entry => isLiveAt(entry, this.now);

  live(key: Key): Entry | undefined {
    const entry = this.records.get(key);
    return this.isLive(entry) ? entry : undefined;
  }

  apply(commit: Commit): EngineOutcome {
    for (const expected of commit.expect) {
      if (this.#holds(expected)) continue;
      const actual = "key" in expected ? this.live(expected.key) : undefined;
      return { conflict: actual === undefined ? { expected } : { expected, actual } };
    }
    if (commit.mutations.length === 0) return { revision: this.head, rangeDeleted: 0 };
    const brought = commit.mutations.map(
      (each) => (each.op === "put" && each.origin?.version) || 0,
    );
    const revision = Math.max(this.head + 1, Math.floor(this.now * 1000), Math.max(...brought) + 1);
    const previous = commit.mutations.map((mutation) =>
      mutation.op === "deleteRange" ? undefined : this.live(mutation.key),
    );
    let rangeDeleted = 0;
    const events = commit.mutations.flatMap((mutation) => {
      if (mutation.op === "deleteRange") rangeDeleted += this.#liveIn(mutation.range);
      return this.#mutate(mutation, revision);
    });
    this.commits.push({ revision, events });
    this.head = revision;
    return commit.wantPrevious === true
      ? { revision, rangeDeleted, previous }
      : { revision, rangeDeleted };
  }

  history(after: Revision): CommitEvents[] | "gone" {
    const known = after === this.floor || this.commits.some(({ revision }) => revision === after);
    return known ? this.commits.filter(({ revision }) => revision > after) : "gone";
  }

  forgetBefore(oldest: Revision): void {
    const kept = this.commits.findIndex(({ revision }) => revision >= oldest);
    const forgotten = this.commits.splice(0, kept === -1 ? this.commits.length : kept);
    this.floor = forgotten.at(-1)?.revision ?? this.floor;
  }

  purge(range: Range, records: number): void {
    for (const key of keysIn(this.records, range).slice(0, records)) this.records.delete(key);
  }

  statistics(root: Key, rootParts: number): Statistics {
    const keys = [...this.records.keys()].filter(
      (key) => key.slice(0, lengthOfParts(key, rootParts)) === root,
    );
    const bytes = keys.reduce((sum, key) => sum + (this.records.get(key)?.bytes ?? 0), 0);
    return { records: keys.length, bytes };
  }

  /** Returns whether an older snapshot was lost for it. */
  openSnapshot(snapshotsMax: number): void {
    const open = this.snapshots.filter((snapshot) => snapshot !== "lost");
    const [oldest] = open;
    if (open.length >= snapshotsMax && oldest !== undefined) this.lose(oldest);
    const records = new Map(this.records);
    this.snapshots.push({ revision: this.head, at: this.now, records });
  }

  lose(snapshot: ModelSnapshot): void {
    this.snapshots[this.snapshots.indexOf(snapshot)] = "lost";
  }

  #holds(expected: Expectation): boolean {
    if ("range" in expected) return this.#unchanged(expected.range, expected.unchangedSince);
    const entry = this.records.get(expected.key);
    const { is } = expected;
    if (is === "expired") return entry !== undefined && !this.isLive(entry);
    if (is === "absent") return !this.isLive(entry);
    if (!this.isLive(entry)) return false;
    if (is === "present") return true;
    if ("created" in is) return entry.created === is.created;
    const expireAtHolds = is.expireAt === undefined || is.expireAt === (entry.expireAt ?? "none");
    return entry.version === is.version && expireAtHolds;
  }

  #unchanged(range: Range, since: Revision): boolean {
    if (since < this.floor || since > this.head) return false;
    const later = this.commits.filter(({ revision }) => revision > since);
    return !later.some(({ events }) => events.some((event) => touches(event, range)));
  }

  #mutate(mutation: Mutation, revision: Revision): StoreEvent[] {
    switch (mutation.op) {
      case "put":
        return this.#put(mutation, revision);
      case "setExpiry": {
        const before = this.live(mutation.key);
        if (before !== undefined) {
          this.records.set(mutation.key, withExpiry(before, mutation.expireAt));
        }
        return [];
      }
      case "delete":
        return this.#delete(mutation);
      case "deleteRange": {
        const doomed = keysIn(this.records, mutation.range);
        const records = this.#liveIn(mutation.range);
        for (const key of doomed) this.records.delete(key);
        const { range } = mutation;
        return doomed.some(this.#remembers) ? [{ type: "rangeDeleted", range, records }] : [];
      }
    }
  }

  #liveIn(range: Range): number {
    return keysIn(this.records, range).filter((key) => this.live(key) !== undefined).length;
  }

  #put(mutation: Mutation & { op: "put" }, revision: Revision): StoreEvent[] {
    const { key, value, expireAt, origin, anew = false } = mutation;
    const stored = this.records.get(key);
    const wasLive = this.isLive(stored);
    const previous = anew ? undefined : this.live(key);
    const bytes = key.length + (value as string).length;
    const versions = origin ?? { version: revision, created: previous?.created ?? revision };
    const kept = expireAt === "keep" ? (previous?.expireAt ?? "none") : expireAt;
    const entry = withExpiry({ key, value, ...versions, bytes }, kept);
    this.records.set(key, entry);
    if (!this.#remembers(key)) return [];
    const put = { type: "put" as const, entry };
    const puts = origin === undefined ? [previous === undefined ? put : { ...put, previous }] : [];
    if (stored === undefined || previous !== undefined) return puts;
    return [{ type: wasLive ? "deleted" : "expired", key, previous: stored }, ...puts];
  }

  #delete(mutation: Mutation & { op: "delete" }): StoreEvent[] {
    const { key, reason } = mutation;
    const stored = this.records.get(key);
    if (stored === undefined || this.isLive(stored) === (reason === "expired")) return [];
    this.records.delete(key);
    if (!this.#remembers(key)) return [];
    return "why" in mutation
      ? [{ type: "deleted", key, previous: stored, why: mutation.why }]
      : [{ type: reason, key, previous: stored }];
  }
}

/** Whether the entry is there at that time. */
export const isLiveAt = (entry: Entry | undefined, now: number): entry is Entry =>
  entry !== undefined && (entry.expireAt ?? Number.POSITIVE_INFINITY) > now;

/** The keys in the range, in order. */
export const keysIn = (records: ReadonlyMap<Key, Entry>, range: Range): Key[] =>
  [...records.keys()].filter((key) => contains(range, key)).sort((a, b) => (a < b ? -1 : 1));

function withExpiry(entry: Entry, expireAt: number | "none"): Entry {
  const { expireAt: _, ...rest } = entry;
  return expireAt === "none" ? rest : { ...rest, expireAt };
}

function touches(event: StoreEvent, range: Range): boolean {
  if (event.type === "rangeDeleted") return intersection(event.range, range) !== undefined;
  return contains(range, event.type === "put" ? event.entry.key : event.key);
}
