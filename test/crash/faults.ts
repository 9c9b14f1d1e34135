import type { Failpoint, Step } from "../../src/store/sqlite/failpoint.ts";
import { below, oneOf } from "./seeded-random.ts";

/** How a writer ends. */
export type Fault =
  /** Killed by its parent when it has acknowledged so many commits. */
  | { readonly kills: "after"; readonly acknowledged: number }
  /** Killed by its parent so many milliseconds after it began to open the file. */
  | { readonly kills: "opening"; readonly ms: number }
  /** Killed by itself at a step. */
  | { readonly kills: "at"; readonly failpoint: Failpoint & { readonly does: "kill" } }
  /** Hit by an error, a full disk or the end of its thread at a step, from which it recovers; then killed by its parent. */
  | { readonly kills: "later"; readonly failpoint: Failpoint; readonly acknowledged: number };

/** Every step that the writing thread passes. */
export const steps = Object.keys({
  "during migration": true,
  "before begin": true,
  "after begin": true,
  "after check": true,
  "after rows": true,
  "after history": true,
  "after head": true,
  "before commit": true,
  "after commit": true,
  "before answer": true,
  "before purge commit": true,
  "after purge commit": true,
  "before trim commit": true,
  "after trim commit": true,
  "before checkpoint": true,
  "after checkpoint": true,
} satisfies Record<Step, true>) as [Step, ...Step[]];

/** What befalls a process: by the numbers given, at one step alone or at any moment. */
export function faultOf(random: () => number, only: Step | undefined): Fault {
  const kind = only === undefined ? random() : 0.5;
  if (kind < 0.3) return { kills: "after", acknowledged: below(random, 120) };
  if (kind < 0.4) return { kills: "opening", ms: below(random, 40) };
  const step = only ?? oneOf(random, steps);
  const skip = below(random, isSeldom(step) ? 2 : 20);
  if (kind < 0.8) return { kills: "at", failpoint: { step, skip, does: "kill" } };
  // A disk is full before a commit is written, never after.
  const does = oneOf(random, harmsAt(step));
  const times = 1 + below(random, 2);
  const acknowledged = 1 + below(random, 80);
  return { kills: "later", failpoint: { step, skip, times, does }, acknowledged };
}

/**
 * A disk is full before a commit is written, never after. A thread that ended at a checkpoint would end there again and
 * again: the next one opens the file, and finds it due.
 */
function harmsAt(step: Step): readonly [Harm, ...Harm[]] {
  if (step.includes("checkpoint")) return ["fail", "full"];
  return ["after commit", "before answer", "after purge commit", "after trim commit"].includes(step)
    ? ["fail", "exit"]
    : ["fail", "exit", "full"];
}
type Harm = Exclude<Failpoint["does"], "kill" | "pause">;

/** Passed a few times in the life of a process, where the others are passed by every batch. */
const isSeldom = (step: Step): boolean => /migration|purge|trim|checkpoint/.test(step);

/** For the table at the end. */
export function faultName(fault: Fault): string {
  switch (fault.kills) {
    case "after":
      return "at a random moment";
    case "opening":
      return "while opening";
    case "at":
      return fault.failpoint.step;
    case "later":
      return `${fault.failpoint.does} ${fault.failpoint.step}`;
  }
}
