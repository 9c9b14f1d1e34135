import type { Clock } from "./clock.ts";

type Close = () => void | Promise<void>;

interface Step {
  readonly name: string;
  readonly close: Close;
}

/** Closes what was opened, last opened first, all of it within the grace. */
export class Lifecycle {
  readonly #steps: Step[] = [];
  readonly #clock: Clock;
  readonly #graceMs: number;

  constructor(options: { readonly clock: Clock; readonly graceMs: number }) {
    this.#clock = options.clock;
    this.#graceMs = options.graceMs;
  }

  /** Registers how to close what was just opened. */
  onClose(name: string, close: Close): void {
    this.#steps.push({ name, close });
  }

  /** Runs every step, the failed and the late notwithstanding; then throws what went wrong. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    const deadline = this.#clock.now() + this.#graceMs;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await this.#within(deadline - this.#clock.now(), step);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "the shutdown met errors");
  }

  async #within(ms: number, { name, close }: Step): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = this.#clock.after(Math.max(0, ms), () => {
      reject(new Error(`${name} did not close in time`));
    });
    try {
      await Promise.race([close(), late]);
    } finally {
      cancel();
    }
  }
}
