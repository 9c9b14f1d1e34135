import { contains, type Key, type Range } from "../../src/store/key.ts";
import type { Entry, Revision, StoreEvent } from "../../src/store/store.ts";
import { hasHistory, type Ticket } from "./crash-spaces.ts";
import { type Plan, type PlanTx, runPlan } from "./plans.ts";

type ModelRecord = Omit<Entry, "key" | "bytes">;

/** The store as a plain map, for playing what was recovered again, commit by commit. */
export class CrashModel {
  readonly #records = new Map<Key, ModelRecord>();
  /** Ranges that nothing reaches any more: what is there may have been purged, or not yet. */
  readonly unreachable: Range[] = [];

  /** Plays a plan as it was committed; answers the events that its commit must have, as `eventText` writes them. */
  async play(
    { plan, number }: { plan: Plan; number: number },
    { ticket, revision }: { ticket: Ticket; revision: Revision },
  ): Promise<string[]> {
    const tx = new ModelTransaction(this.#records, { ticket, revision });
    await runPlan(tx, plan, number);
    for (const range of tx.purged) {
      this.unreachable.push(range);
      for (const found of this.#keysIn(range)) this.#records.delete(found);
    }
    return tx.events;
  }

  /** All that is live at the instant. */
  live(now: number): Map<Key, ModelRecord> {
    return new Map([...this.#records].filter(([, record]) => isLive(record, now)));
  }

  #keysIn(range: Range): Key[] {
    return [...this.#records.keys()].filter((found) => contains(range, found));
  }
}

/** Writes at once: a plan's attempt saw its own writes too. */
class ModelTransaction implements PlanTx {
  readonly #records: Map<Key, ModelRecord>;
  readonly #ticket: Ticket;
  readonly #revision: Revision;
  /** When the commit was judged: revisions are made of the clock, in microseconds. */
  readonly #now: number;
  readonly events: string[] = [];
  readonly purged: Range[] = [];

  constructor(
    records: Map<Key, ModelRecord>,
    { ticket, revision }: { ticket: Ticket; revision: Revision },
  ) {
    this.#records = records;
    this.#ticket = ticket;
    this.#revision = revision;
    this.#now = Math.floor(revision / 1000);
  }

  now = (): number => this.#ticket.at;

  async nextNumber(): Promise<number> {
    if (this.#ticket.number === undefined) throw new Error("a plan took a number it did not write");
    return this.#ticket.number;
  }

  async get<V>(wanted: Key): Promise<Entry<V> | undefined> {
    const record = this.#live(wanted);
    return record && ({ key: wanted, bytes: 0, ...record } as Entry<V>);
  }

  put(target: Key, value: unknown, expireAt: number | "none" | "keep"): void {
    const before = this.#live(target);
    const until = expireAt === "keep" ? before?.expireAt : expireAt;
    const record: ModelRecord = {
      value,
      version: this.#revision,
      created: before?.created ?? this.#revision,
      ...(typeof until === "number" && { expireAt: until }),
    };
    this.#records.set(target, record);
    this.#note(target, putText(target, record, before));
  }

  setExpiry(target: Key, expireAt: number | "none"): void {
    const before = this.#live(target);
    if (before === undefined) return;
    const { expireAt: _, ...rest } = before;
    this.#records.set(target, expireAt === "none" ? rest : { ...rest, expireAt });
  }

  delete(target: Key): void {
    const before = this.#live(target);
    if (before === undefined) return;
    this.#records.delete(target);
    this.#note(target, goneText("deleted", target, before));
  }

  deleteRange(range: Range): void {
    const found = [...this.#records.keys()].filter((candidate) => contains(range, candidate));
    const live = found.filter((candidate) => this.#live(candidate) !== undefined);
    for (const each of found) this.#records.delete(each);
    if (live.length > 0) this.#note(range.start, rangeText(range, live.length));
  }

  purgeLater(range: Range): void {
    this.purged.push(range);
  }

  #note(where: Key, event: string): void {
    if (hasHistory(where)) this.events.push(event);
  }

  #live(wanted: Key): ModelRecord | undefined {
    const record = this.#records.get(wanted);
    return record && isLive(record, this.#now) ? record : undefined;
  }
}

const isLive = ({ expireAt }: ModelRecord, now: number): boolean =>
  expireAt === undefined || expireAt > now;

/** One event as a line; the model's and the history's are compared as such. */
export function eventText(event: StoreEvent): string {
  switch (event.type) {
    case "put":
      return putText(event.entry.key, event.entry, event.previous);
    case "deleted":
    case "expired":
    case "evicted":
      return goneText(event.type, event.key, event.previous);
    case "rangeDeleted":
      return rangeText(event.range, event.records);
  }
}

const putText = (target: Key, record: ModelRecord, before: ModelRecord | undefined): string =>
  `put ${JSON.stringify(target)} ${recordText(record)} over ${before ? recordText(before) : "nothing"}`;

const goneText = (type: string, target: Key, before: ModelRecord): string =>
  `${type} ${JSON.stringify(target)} ${recordText(before)}`;

const rangeText = ({ start, end }: Range, records: number): string =>
  `rangeDeleted ${JSON.stringify([start, end])} ${records}`;

/** All that is kept of a record, as a line. */
export const recordText = ({ value, version, created, expireAt }: ModelRecord): string =>
  JSON.stringify([value, version, created, expireAt ?? "none"]);
