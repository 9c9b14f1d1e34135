import { setImmediate } from "node:timers/promises";

/** Gives turns, so many at a time, in the order in which they were asked for, with room for all else before each. */
export class Turns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #last: Promise<void> = Promise.resolve();

  /** Waits for a turn, which lasts until it is ended. */
  async begin(): Promise<Turn> {
    if (this.#running < turnsAtOnce) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#last = this.#last.then(() => setImmediate());
    await this.#last;
    return new Turn(() => this.#pass());
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

/** One turn, which is passed on when it is ended. */
export class Turn {
  readonly #pass: () => void;
  #isOver = false;

  constructor(pass: () => void) {
    this.#pass = pass;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next one's turn; again: nothing more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pass();
  }
}

/** One that waits for its engine does not keep all others waiting. */
const turnsAtOnce = 2;
