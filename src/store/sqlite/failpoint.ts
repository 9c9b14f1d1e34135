import { sqliteFailure } from "./sqlite-errors.ts";

/** Where the writing thread can be made to fail, in the order in which it comes by. */
export type Step =
  | "during migration"
  | "before begin"
  | "after begin"
  | "after check"
  | "after rows"
  | "after history"
  | "after head"
  | "before commit"
  | "after commit"
  | "before answer"
  | "before purge commit"
  | "after purge commit"
  | "before trim commit"
  | "after trim commit"
  | "before checkpoint"
  | "after checkpoint";

/** For tests of what a crash leaves behind: plain data, so that it reaches the thread. In production there is none. */
export interface Failpoint {
  readonly step: Step;
  /** How often the step passes unharmed before. */
  readonly skip?: number;
  /** How often it fails then; for ever without. */
  readonly times?: number;
  /**
   * "kill" ends the process as kill -9 does; "exit" ends the thread; "fail" and "full" throw what SQLite does for an I/O error and a
   * full disk; "pause" waits at the gate.
   */
  readonly does: "kill" | "exit" | "fail" | "full" | "pause";
  /** For "pause": an Int32Array of one. The thread writes `gatePaused` when it waits, and goes on at `gateOpen`. */
  readonly gate?: SharedArrayBuffer;
}

export const gatePaused = 1;
export const gateOpen = 2;

/** Passes the steps, and fails at the one that was chosen. */
export class Failpoints {
  readonly #chosen: Failpoint | undefined;
  #passed = 0;

  constructor(chosen: Failpoint | undefined) {
    this.#chosen = chosen;
  }

  pass(step: Step): void {
    if (this.#chosen?.step !== step) return;
    const { skip = 0, times = Number.POSITIVE_INFINITY } = this.#chosen;
    this.#passed++;
    if (this.#passed > skip && this.#passed <= skip + times) fail(this.#chosen);
  }
}

function fail({ does, step, gate }: Failpoint): void {
  switch (does) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return;
    case "exit":
      process.exit(1); // in a worker it ends the thread alone
      return;
    case "fail":
      throw sqliteFailure("ioError", `failed ${step}, as asked`);
    case "full":
      throw sqliteFailure("diskFull", `failed ${step}, as asked`);
    case "pause":
      waitAt(gate);
      return;
  }
}

function waitAt(gate: SharedArrayBuffer | undefined): void {
  if (gate === undefined) return;
  const state = new Int32Array(gate);
  Atomics.store(state, 0, gatePaused);
  Atomics.notify(state, 0);
  Atomics.wait(state, 0, gatePaused);
}
