import { never, noSlot, type StoredRecord } from "./stored-record.ts";

/**
 * Records by when they expire: a 4-ary heap that knows each record's place, so an expiry is changed or dropped
 * where it stands. There is nothing stale in it to be cleaned up, and it holds what expires and nothing else.
 */
export class ExpiryHeap {
  readonly #times: number[] = [];
  readonly #records: StoredRecord[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** When the record expires; `never` if it does not. */
  of(record: StoredRecord): number {
    return record.slot === noSlot ? never : (this.#times[record.slot] as number);
  }

  set(record: StoredRecord, time: number): void {
    if (time === never) {
      this.remove(record);
      return;
    }
    if (record.slot === noSlot) {
      this.#times.push(time);
      this.#records.push(record);
      this.#rise(this.#times.length - 1, time, record);
      return;
    }
    const before = this.#times[record.slot] as number;
    if (time < before) this.#rise(record.slot, time, record);
    else if (time > before) this.#sink(record.slot, time, record);
  }

  remove(record: StoredRecord): void {
    const hole = record.slot;
    if (hole === noSlot) return;
    record.slot = noSlot;
    const time = this.#times.pop() as number;
    const last = this.#records.pop() as StoredRecord;
    if (last === record) return;
    if (time < (this.#times[hole] as number)) this.#rise(hole, time, last);
    else this.#sink(hole, time, last);
  }

  /** The records that have expired by now, the first to expire first. They stay until they are removed. */
  expired(now: number, limit: number): StoredRecord[] {
    const found: StoredRecord[] = [];
    const times: number[] = [];
    while (found.length < limit && (this.#times[0] ?? never) <= now) {
      const first = this.#records[0] as StoredRecord;
      times.push(this.#times[0] as number);
      found.push(first);
      this.remove(first);
    }
    for (const [index, record] of found.entries()) this.set(record, times[index] as number);
    return found;
  }

  #rise(from: number, time: number, record: StoredRecord): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if ((this.#times[parent] as number) <= time) break;
      this.#place(at, this.#times[parent] as number, this.#records[parent] as StoredRecord);
      at = parent;
    }
    this.#place(at, time, record);
  }

  #sink(from: number, time: number, record: StoredRecord): void {
    let at = from;
    for (;;) {
      const child = this.#firstChild(at);
      if (child === noSlot || (this.#times[child] as number) >= time) break;
      this.#place(at, this.#times[child] as number, this.#records[child] as StoredRecord);
      at = child;
    }
    this.#place(at, time, record);
  }

  /** The child that expires first. */
  #firstChild(at: number): number {
    const begin = at * 4 + 1;
    const end = Math.min(begin + 4, this.#times.length);
    let first = begin < end ? begin : noSlot;
    for (let child = begin + 1; child < end; child++) {
      if ((this.#times[child] as number) < (this.#times[first] as number)) first = child;
    }
    return first;
  }

  #place(at: number, time: number, record: StoredRecord): void {
    this.#times[at] = time;
    this.#records[at] = record;
    record.slot = at;
  }
}
