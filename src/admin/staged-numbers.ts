import { type Key, partsOf, within } from "../store/key.ts";
import type { Movable } from "../store/space.ts";
import type { Store } from "../store/store.ts";
import { exportInvalid } from "./export-invalid.ts";
import { movableOf, type ReadRecord } from "./export-records.ts";
import { type StagedNumber, stagedNumberKey, stagedNumbersRoot } from "./import-job.ts";
import type { Sized } from "./portions.ts";

/** What numbers of this store stand for those of the store that was exported. Kept as records, for an import that goes on. */
export class StagedNumbers {
  readonly #store: Store;
  readonly #exportId: string;
  #known: Map<number, number> | undefined;

  constructor(store: Store, exportId: string) {
    this.#store = store;
    this.#exportId = exportId;
  }

  /** Numbers that nothing has. */
  async fresh(count: number): Promise<number[]> {
    const { result } = await this.#store.update({}, async (tx) => {
      const numbers: number[] = [];
      while (numbers.length < count) numbers.push(await tx.nextNumber());
      return numbers;
    });
    return result;
  }

  /** Finds numbers for those that the records hold; answers what is to be written down before they are used. */
  async cover(records: readonly ReadRecord[]): Promise<Sized[]> {
    this.#known ??= await this.#load();
    const known = this.#known;
    const missing = [...numbersIn(records)].filter((number) => !known.has(number));
    const numbers = missing.length === 0 ? [] : await this.fresh(missing.length);
    return missing.map((number, index) => {
      const value: StagedNumber = { number: numbers[index] as number };
      known.set(number, value.number);
      const key = stagedNumberKey(this.#exportId, number);
      const mutation = { op: "put", key, value, expireAt: "none" } as const;
      return { mutation, bytes: key.length + valueBytes };
    });
  }

  /** The record with the numbers that `cover` found. */
  replaceIn(record: ReadRecord): Movable<unknown> {
    const movable = movableOf(record);
    const replace = (number: number): number => this.#known?.get(number) as number;
    return record.space.renumbered?.(movable, replace) ?? movable;
  }

  async #load(): Promise<Map<number, number>> {
    const known = new Map<number, number>();
    const root = stagedNumbersRoot(this.#exportId);
    let after: Key | undefined;
    do {
      const page = await this.#store.page(within(root), { limit: 1000, ...(after && { after }) });
      for (const { key, value } of page.entries) {
        known.set(partsOf(key)[3] as number, (value as StagedNumber).number);
      }
      after = page.next;
    } while (after !== undefined);
    return known;
  }
}

function numbersIn(records: readonly ReadRecord[]): Set<number> {
  const found = new Set<number>();
  const note = (number: unknown): number => {
    if (!Number.isSafeInteger(number)) throw exportInvalid("holds a number that is none");
    found.add(number as number);
    return number as number;
  };
  for (const record of records) {
    try {
      record.space.renumbered?.(movableOf(record), note);
    } catch (cause) {
      throw exportInvalid(`holds a record that is none of its kind, ${record.space.name}`, cause);
    }
  }
  return found;
}

/** A bound on what a `StagedNumber` takes. */
const valueBytes = 40;
