import type { Commit, Committed, Entry, Mutation, Revision, StoreEvent } from "../store.ts";
import { commitOverhead, eventOverhead } from "./costs.ts";
import type { HistoryRing } from "./history-ring.ts";
import type { Plan, Step } from "./plan-commit.ts";
import type { NewState, Records } from "./records.ts";
import { never, type StoredRecord } from "./stored-record.ts";

type Put = Extract<Mutation, { op: "put" }>;

/** Writes one planned commit: nothing here can fail, so nothing is ever half applied. */
export class CommitWriter {
  readonly #records: Records;
  readonly #revision: Revision;
  readonly #now: number;
  readonly #events: StoreEvent[] = [];
  readonly #previous: (Entry | undefined)[] | undefined;
  #cost = commitOverhead;
  #rangeDeleted = 0;

  constructor(
    records: Records,
    commit: Commit,
    { revision, now }: { revision: Revision; now: number },
  ) {
    this.#records = records;
    this.#revision = revision;
    this.#now = now;
    this.#previous = commit.wantPrevious === true ? [] : undefined;
  }

  write({ steps, victims }: Plan, history: HistoryRing): Committed {
    for (const victim of victims) {
      this.#remove(victim, this.#isLive(victim) ? "evicted" : "expired");
    }
    for (const step of steps) {
      this.#previous?.push(this.#liveEntry(step.record));
      this.#write(step);
    }
    const revision = this.#revision;
    // A copy takes what it needs; an array that was pushed to has room for seventeen.
    const events = this.#events.length === 0 ? none : this.#events.slice();
    history.push({ revision, events }, this.#cost);
    return this.#previous === undefined
      ? { revision, rangeDeleted: this.#rangeDeleted }
      : { revision, rangeDeleted: this.#rangeDeleted, previous: this.#previous };
  }

  #write(step: Step): void {
    const { mutation, record } = step;
    switch (mutation.op) {
      case "put":
        this.#put(mutation, step);
        return;
      case "setExpiry":
        if (record !== undefined && this.#isLive(record)) {
          this.#records.setExpiry(record, timeOf(mutation.expireAt));
        }
        return;
      case "delete":
        if (record !== undefined && this.#isLive(record) !== (mutation.reason === "expired")) {
          if (mutation.reason === "deleted") this.#remove(record, "deleted", mutation.why);
          else this.#remove(record, mutation.reason);
        }
        return;
      case "deleteRange":
        this.#deleteRange(step);
        return;
    }
  }

  #put(mutation: Put, step: Step): void {
    const { key } = mutation;
    const { space, bytes } = step as Required<Step>;
    const previous = mutation.anew === true ? undefined : this.#liveEntry(step.record);
    if (previous === undefined && step.record !== undefined) this.#makeWay(step.record);
    const state = this.#stateOf(mutation, bytes, previous);
    let record = step.record;
    if (record === undefined || previous === undefined)
      record = this.#records.create(key, space, state);
    else this.#records.overwrite(record, state);
    if (mutation.origin !== undefined) this.#records.hideFromSnapshots(record);
    else if (space.history) this.#notePut(record, previous);
  }

  #notePut(record: StoredRecord, previous: Entry | undefined): void {
    const entry = this.#records.entry(record);
    this.#note(
      previous === undefined ? { type: "put", entry } : { type: "put", entry, previous },
      record.bytes + (previous?.bytes ?? 0),
    );
  }

  /** What a put makes of the record. */
  #stateOf({ value, expireAt, origin }: Put, bytes: number, previous: Entry | undefined): NewState {
    const version = origin?.version ?? this.#revision;
    const created = origin?.created ?? previous?.created ?? this.#revision;
    const kept = expireAt === "keep" ? (previous?.expireAt ?? never) : timeOf(expireAt);
    return { value, version, created, bytes, expireAt: kept };
  }

  /** What goes before something else is created under its key. */
  #makeWay(record: StoredRecord): void {
    this.#remove(record, this.#isLive(record) ? "deleted" : "expired");
  }

  /** Who gives a why has deleted it. */
  #remove(record: StoredRecord, type: "deleted" | "expired" | "evicted", why?: string): void {
    const { key, root, bytes } = record;
    if (root.space.history) {
      const previous = this.#records.entry(record);
      if (why === undefined) this.#note({ type, key, previous }, bytes);
      else this.#note({ type: "deleted", key, previous, why }, bytes + why.length);
    }
    this.#records.remove(record);
  }

  #deleteRange({ mutation, doomed = [], liveDoomed = 0 }: Step): void {
    if (mutation.op !== "deleteRange" || doomed.length === 0) return;
    const { range } = mutation;
    const remembered = doomed.some(({ root }) => root.space.history);
    this.#records.removeRange(range, doomed);
    this.#rangeDeleted += liveDoomed;
    if (remembered)
      this.#note(
        { type: "rangeDeleted", range, records: liveDoomed },
        range.start.length + range.end.length,
      );
  }

  #note(event: StoreEvent, bytes: number): void {
    this.#events.push(event);
    this.#cost += bytes + eventOverhead;
  }

  #liveEntry(record: StoredRecord | undefined): Entry | undefined {
    return record !== undefined && this.#isLive(record) ? this.#records.entry(record) : undefined;
  }

  #isLive(record: StoredRecord): boolean {
    return this.#records.isLive(record, this.#now);
  }
}

const timeOf = (expireAt: number | "none"): number => (expireAt === "none" ? never : expireAt);

const none: readonly StoreEvent[] = [];
