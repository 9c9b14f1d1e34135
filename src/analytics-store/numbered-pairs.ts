import { getRandomValues } from "node:crypto";

/**
 * Numbers for pairs of whole numbers, from 1 in the order in which they were first seen. Chains of pairs make a tree, which takes a third of what maps of
 * maps take, and is searched without following objects.
 */
export class NumberedPairs {
  /** Three for each slot: the pair, and its number; 0: the slot is free. */
  #slots = new Int32Array(3 * slotsMin);
  #shift = 32 - Math.log2(slotsMin);
  #size = 0;
  /** Whoever chooses the pairs must not be able to choose which of them meet. */
  readonly #factors = getRandomValues(new Int32Array(2)).map((factor) => factor | 1);

  get size(): number {
    return this.#size;
  }

  /** -1: it was not seen. There is none with -1. */
  find(first: number, second: number): number {
    const number = this.#slots[this.#slotOf(first, second) + 2] as number;
    return number === 0 ? -1 : number;
  }

  numberOf(first: number, second: number): number {
    const slot = this.#slotOf(first, second);
    const known = this.#slots[slot + 2] as number;
    if (known > 0) return known;
    this.#size++;
    this.#slots.set([first, second, this.#size], slot);
    if (3 * this.#size > 2 * (this.#slots.length / 3)) this.#grow();
    return this.#size;
  }

  /** Where the pair is, or would be. */
  #slotOf(first: number, second: number): number {
    const slots = this.#slots;
    const hash =
      Math.imul(first, this.#factors[0] as number) + Math.imul(second, this.#factors[1] as number);
    let slot = 3 * (spread(hash) >>> this.#shift);
    while (slots[slot + 2] !== 0 && (slots[slot] !== first || slots[slot + 1] !== second)) {
      slot += 3;
      if (slot === slots.length) slot = 0;
    }
    return slot;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length);
    this.#shift--;
    for (let slot = 0; slot < before.length; slot += 3) {
      const own = before.subarray(slot, slot + 3);
      if (own[2] !== 0) this.#slots.set(own, this.#slotOf(own[0] as number, own[1] as number));
    }
  }
}

/**
 * Products of numbers that follow one another lie side by side for one factor in some hundreds, and each would be looked for among all before it. Its first bits
 * are what counts.
 */
export const spread = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);

const slotsMin = 16;
/** With its share of free slots, which are half of them or a little more on the average of growing. */
export const bytesPerPair = 36;
