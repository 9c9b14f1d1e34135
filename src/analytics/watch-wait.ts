import type { Clock } from "../clock.ts";
import { throwIfOver, whenOver } from "../store/call-end.ts";
import type { Call } from "../store/store.ts";

/** What a watch waits for between its messages: that something changes, or that a time has come. It ends with the watch's caller. */
export class WatchWait {
  readonly #clock: Clock;
  readonly #call: Call;
  readonly #stopWatching: () => void;
  #over: Error | undefined;
  #isChanged = false;
  #isDue = false;
  #isPausing = false;
  #cancelDue: () => void = () => undefined;
  #wake: (() => void) | undefined;

  constructor(clock: Clock, call: Call) {
    this.#clock = clock;
    this.#call = call;
    this.#stopWatching = whenOver(call, clock, (error) => {
      this.#over = error;
      this.#wakeUp();
    });
  }

  /** To be called when something has changed. Wakes none that pauses: while many watches gather, a change costs next to nothing. */
  changed(): void {
    this.#isChanged = true;
    if (!this.#isPausing) this.#wakeUp();
  }

  /** The next wait ends after so long, at the latest; in place of what was said before. */
  dueAfter(ms: number): void {
    this.#cancelDue();
    this.#isDue = false;
    this.#cancelDue = this.#clock.after(ms, () => {
      this.#isDue = true;
      this.#wakeUp();
    });
  }

  /** Waits until something has changed since this answered last, or the time has come; throws when the caller has gone. */
  async next(): Promise<"changed" | "due"> {
    for (;;) {
      this.#throwIfOver();
      if (this.#isChanged) {
        this.#isChanged = false;
        return "changed";
      }
      if (this.#isDue) return "due";
      await this.#sleep();
    }
  }

  /** Waits so long, whatever changes; what does is part of what is looked at next. */
  async pause(ms: number): Promise<void> {
    this.#throwIfOver();
    let isOver = false;
    const cancel = this.#clock.after(ms, () => {
      isOver = true;
      this.#wakeUp();
    });
    this.#isPausing = true;
    try {
      while (!isOver) {
        await this.#sleep();
        this.#throwIfOver();
      }
    } finally {
      this.#isPausing = false;
      cancel();
    }
    this.#isChanged = false;
  }

  close(): void {
    this.#cancelDue();
    this.#stopWatching();
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #throwIfOver(): void {
    if (this.#over !== undefined) throw this.#over;
    throwIfOver(this.#call, this.#clock.now());
  }
}
