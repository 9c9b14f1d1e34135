/** What many calls hold in memory at the same time, up to a bound: beyond it each is refused more, where without it all of them together would end the process. */
export class HeldTogether {
  readonly #bound: Bound;
  #held = 0;

  constructor(bound: Bound) {
    this.#bound = bound;
  }

  /** One call's share of it, nothing yet; to be closed. */
  share(): Share {
    let own = 0;
    return {
      hold: (amount) => {
        const { max, mayPassAlone, refusal } = this.#bound;
        const others = this.#held - own;
        const isOver = others + amount > max && !(mayPassAlone && others === 0);
        if (amount > own && isOver) throw refusal(max, others + amount);
        this.#held = others + amount;
        own = amount;
      },
      close: () => {
        this.#held -= own;
        own = 0;
      },
    };
  }
}

interface Bound {
  readonly max: number;
  /** Whether one that is larger than the bound may pass where nothing else is held. */
  readonly mayPassAlone: boolean;
  readonly refusal: (max: number, actual: number) => Error;
}

export interface Share {
  /** So much is held from now on, in place of what was; throws where that is too much. */
  hold(amount: number): void;
  close(): void;
}
