import type { EvictableRecord } from "./stored-record.ts";

/**
 * The records that may make room. Of a few picked at random the one used longest ago goes: nearly the least
 * recently used of all, for one store on each use where an exact order costs four in far-off places.
 */
export class EvictionPool {
  readonly #records: EvictableRecord[] = [];
  #uses = 0;
  /** Random enough to sample with, and the same in every run. */
  #state = 0x9e3779b9;

  get size(): number {
    return this.#records.length;
  }

  add(record: EvictableRecord): void {
    record.place = this.#records.length;
    this.#records.push(record);
    this.use(record);
  }

  /** A record taken out as a victim comes back: the commit was refused. */
  putBack(record: EvictableRecord): void {
    record.place = this.#records.length;
    this.#records.push(record);
  }

  use(record: EvictableRecord): void {
    this.#uses = (this.#uses + 1) & usesMask;
    record.used = this.#uses;
  }

  remove(record: EvictableRecord): void {
    if (this.#records[record.place] !== record) return; // taken out as a victim
    const last = this.#records.pop() as EvictableRecord;
    if (last === record) return;
    this.#records[record.place] = last;
    last.place = record.place;
  }

  /** Takes out the record to evict first. */
  take(): EvictableRecord | undefined {
    let victim: EvictableRecord | undefined;
    const picks = Math.min(sample, this.#records.length);
    const all = picks === this.#records.length;
    for (let pick = 0; pick < picks; pick++) {
      const candidate = this.#records[all ? pick : this.#random()] as EvictableRecord;
      if (victim === undefined || this.#unused(candidate) > this.#unused(victim)) {
        victim = candidate;
      }
    }
    if (victim !== undefined) this.remove(victim);
    return victim;
  }

  /** How many uses ago; right for as long as that is fewer than the count can hold. */
  #unused(record: EvictableRecord): number {
    return (this.#uses - record.used) & usesMask;
  }

  /** An index, by Marsaglia's xorshift. */
  #random(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % this.#records.length;
  }
}

/** Redis found five good and ten close to exact. */
const sample = 10;

/** The count of uses stays a small integer, which a field holds without a box. */
const usesMask = 2 ** 30 - 1;
