type Interval = { readonly call: number; readonly return: number };

/**
 * Which operations a search has not put in order yet. What was answered comes first, by its call, in a linked list: what was
 * called before the first return is always at its beginning, and is found without a look at all that was placed.
 */
export class UnplacedOperations {
  readonly #operations: readonly Interval[];
  /** So many were answered. What only may have happened follows them, and need not be placed. */
  readonly #answered: number;
  readonly #isPlaced: Uint8Array;
  /** Of each answered operation the next and the one before that are not placed; the last item is both ends of the list. */
  readonly #after: Int32Array;
  readonly #before: Int32Array;
  /** Placed ones, in order: the largest number among the answered ones up to there. */
  readonly #furthest: number[] = [];
  /** Of those that may have happened, how many are placed. */
  #placedUnknown = 0;

  constructor(operations: readonly Interval[], answered: number) {
    this.#operations = operations;
    this.#answered = answered;
    this.#isPlaced = new Uint8Array(operations.length);
    const length = answered + 1;
    this.#after = Int32Array.from({ length }, (_, index) => (index + 1) % length);
    this.#before = Int32Array.from({ length }, (_, index) => (index + answered) % length);
  }

  /** Then an order is found. */
  get isAllAnswered(): boolean {
    return this.#first === this.#answered;
  }

  /** What could be the next in order: nothing else has returned before it was called. */
  candidates(): number[] {
    const found: number[] = [];
    let firstReturn = Number.POSITIVE_INFINITY;
    for (let index = this.#first; index !== this.#answered; index = item(this.#after, index)) {
      const operation = this.#at(index);
      if (operation.call > firstReturn) break;
      firstReturn = Math.min(firstReturn, operation.return);
      found.push(index);
    }
    for (let index = this.#answered; index < this.#operations.length; index++) {
      if (this.#at(index).call > firstReturn) break;
      if (this.#isPlaced[index] === 0) found.push(index);
    }
    return found;
  }

  place(index: number): void {
    this.#isPlaced[index] = 1;
    const furthest = this.#furthest.at(-1) ?? -1;
    if (index >= this.#answered) {
      this.#placedUnknown++;
      this.#furthest.push(furthest);
      return;
    }
    this.#furthest.push(Math.max(furthest, index));
    this.#after[item(this.#before, index)] = item(this.#after, index);
    this.#before[item(this.#after, index)] = item(this.#before, index);
  }

  /** The last that was placed. */
  takeBack(index: number): void {
    this.#isPlaced[index] = 0;
    this.#furthest.pop();
    if (index >= this.#answered) {
      this.#placedUnknown--;
      return;
    }
    this.#after[item(this.#before, index)] = index;
    this.#before[item(this.#after, index)] = index;
  }

  /** The same for the same operations placed, and for no others: all before the first, and few around it. */
  fingerprint(): string {
    const first = this.#first;
    const furthest = this.#furthest.at(-1) ?? -1;
    const known = this.#bits(first + 1, furthest + 1);
    const unknown =
      this.#placedUnknown === 0 ? "" : this.#bits(this.#answered, this.#isPlaced.length);
    return `${first} ${furthest} ${known}${unknown}`;
  }

  #bits(from: number, to: number): string {
    let text = "";
    for (let start = from; start < to; start += bitsPerChar) {
      const end = Math.min(start + bitsPerChar, to);
      let bits = 0;
      for (let index = start; index < end; index++)
        bits = (bits << 1) | item(this.#isPlaced, index);
      text += String.fromCharCode(bits);
    }
    return text;
  }

  get #first(): number {
    return item(this.#after, this.#answered);
  }

  #at(index: number): Interval {
    return this.#operations[index] as Interval;
  }
}

const item = (list: Int32Array | Uint8Array, index: number): number => list[index] as number;

/** Of what a character holds, without those that are halves of a pair. */
const bitsPerChar = 15;
