import { test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import type { Limits } from "../../src/store/store.ts";
import type { ManualClock } from "../support/manual-clock.ts";

export interface OpenedEngine {
  readonly engine: Engine;
  /** The engine's time; of an engine whose server has a clock of its own, one that turns that. */
  readonly clock: ManualClock;
}

export interface EngineUnderTest {
  readonly name: string;
  /** A fresh, empty engine with `testSpaces`. */
  open(limits?: Partial<Limits>): Promise<OpenedEngine>;
  /** Tests, by title, that this engine cannot pass, and why. */
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
}

/** A test of the contract on a fresh engine, closed behind it; or a skipped one that says why. */
export const testEngine =
  (subject: EngineUnderTest, limits?: Partial<Limits>) =>
  (title: string, run: (opened: OpenedEngine) => Promise<void>): void => {
    const skipped = subject.skip?.find(({ tests }) => tests.includes(title));
    if (skipped !== undefined) {
      test.skip(`${title} (${skipped.reason})`, () => undefined);
      return;
    }
    test(title, async () => {
      const opened = await subject.open(limits);
      try {
        await run(opened);
      } finally {
        await opened.engine.close();
      }
    });
  };
