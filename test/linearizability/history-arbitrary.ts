import fc from "fast-check";
import type { KeysHistory } from "./check-keys.ts";
import type { Guard, Input, Output } from "./keys-model.ts";
import type { Operation } from "./operation.ts";
import type { Commit } from "./resolve-unknown.ts";
import { type Mistake, SequentialKeys } from "./sequential-keys.ts";

const texts = ["a", "b"] as const;
const counter = "c";
const allKeys = [...texts, counter];

/** A step of a generated execution: what is called, how long before and after its effect, and whether it was answered. */
interface Step {
  readonly kind: "get" | "put" | "guarded" | "delete" | "add" | "both";
  readonly key: (typeof texts)[number];
  readonly guard: "absent" | "present" | "own value" | "no value" | "own version" | "no version";
  readonly lead: number;
  readonly lag: number;
  readonly outcome: "answered" | "unknown, happened" | "unknown, did not happen";
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("get", "put", "guarded", "delete", "add", "both"),
  key: fc.constantFrom(...texts),
  guard: fc.constantFrom("absent", "present", "own value", "no value", "own version", "no version"),
  lead: fc.nat(40),
  lag: fc.nat(40),
  outcome: fc.oneof(
    { weight: 8, arbitrary: fc.constant("answered" as const) },
    { weight: 1, arbitrary: fc.constant("unknown, happened" as const) },
    { weight: 1, arbitrary: fc.constant("unknown, did not happen" as const) },
  ),
});

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 3, maxLength: 60 });

/** Effects are so far apart: a lead or lag of more overlaps the neighbours. */
const apart = 10;

/** What goes wrong, and what is not told. */
interface Wrong {
  readonly mistake?: Mistake;
  /** Whether the call that goes wrong has no answer. */
  readonly isHidden?: boolean;
  /** Whether other calls have none: what may have happened could explain a mistake, unless the store's history tells. */
  readonly isBesideUnknown?: boolean;
}

/**
 * A history as a correct store may leave it: calls take effect one after the other, each between its call and its return. With a
 * mistake, the first call that can go wrong so does, and everything is read before and after it.
 */
export function historyOf(
  planned: readonly Step[],
  { mistake, isHidden = false, isBesideUnknown = mistake === undefined }: Wrong = {},
): {
  readonly history: KeysHistory;
  readonly commits: readonly Commit[];
  readonly isMistaken: boolean;
} {
  const execution = new Execution();
  const outcome = isHidden ? "unknown, happened" : "answered";
  let isMistaken = false;
  for (const [index, planning] of planned.entries()) {
    const answered: Step = isBesideUnknown ? planning : { ...planning, outcome: "answered" };
    const taken = withVersionTold(execution, answered);
    const input = toInput(taken, index, execution.store);
    const isWrong: boolean = !isMistaken && execution.canMistake(input, mistake);
    if (isWrong) execution.runWrong(input, { ...strict, outcome }, mistake);
    else execution.run(input, taken);
    isMistaken ||= isWrong;
  }
  execution.readAll();
  return { history: execution.history, commits: execution.store.commits, isMistaken };
}

/** Calls that take effect one by one, and their history. */
class Execution {
  readonly store = new SequentialKeys();
  readonly history: Operation<Input, Output>[] = [];
  #at = 0;

  run(input: Input, taken: Step, wrong?: Mistake): void {
    this.#at += apart;
    const isUnknown = taken.outcome !== "answered" && input.effects.length > 0;
    const isRun = !isUnknown || taken.outcome === "unknown, happened";
    const output = isRun ? this.store.run(input, wrong) : undefined;
    this.history.push({
      client: this.history.length,
      call: this.#at - taken.lead,
      return: isUnknown ? Number.POSITIVE_INFINITY : this.#at + taken.lag,
      input,
      output: isUnknown ? undefined : output,
    });
  }

  canMistake(input: Input, mistake: Mistake | undefined): boolean {
    return mistake !== undefined && this.store.canMistake(input, mistake);
  }

  runWrong(input: Input, taken: Step, mistake: Mistake | undefined): void {
    this.readAll();
    this.run(input, taken, mistake);
    this.readAll();
  }

  readAll(): void {
    this.#at += overlapMax;
    for (const key of allKeys) this.run(readOf(key), strict);
  }
}

/** Whoever names a version has been told it: by a read that has returned. */
function withVersionTold(execution: Execution, taken: Step): Step {
  if (taken.kind !== "guarded" || taken.guard !== "own version") return taken;
  execution.run(readOf(taken.key), strict);
  return { ...taken, lead: strict.lead };
}

/** Nothing overlaps what comes so long after it. */
const overlapMax = 100;
const strict: Step = {
  kind: "get",
  key: "a",
  guard: "absent",
  lead: 1,
  lag: 1,
  outcome: "answered",
};

const readOf = (key: string): Input => ({ name: "Get", keys: [key], effects: [] });

function toInput({ kind, key, guard }: Step, index: number, store: SequentialKeys): Input {
  const put = { do: "put", key, value: `value ${index}` } as const;
  switch (kind) {
    case "get":
      return readOf(key);
    case "put":
      return { name: "Set", keys: [key], effects: [put] };
    case "guarded":
      return { name: "Set", keys: [key], guard: toGuard(guard, key, store), effects: [put] };
    case "delete":
      return { name: "Delete", keys: [key], effects: [{ do: "delete", key }] };
    case "add":
      return { name: "Increment", keys: [counter], effects: [add(index)] };
    case "both":
      return {
        name: "BatchSet",
        keys: [...texts],
        effects: texts.map((both) => ({ ...put, key: both })),
      };
  }
}

const add = (index: number) => ({ do: "add", key: counter, delta: index + 1 }) as const;

function toGuard(guard: Step["guard"], key: string, store: SequentialKeys): Guard {
  const entry = store.run(readOf(key)).before?.[key];
  switch (guard) {
    case "absent":
      return { key, exists: false };
    case "present":
      return { key, exists: true };
    case "own value":
      return { key, value: entry?.value ?? "none" };
    case "no value":
      return { key, value: "none" };
    case "own version":
      return { key, version: entry?.version ?? 1 };
    case "no version":
      return { key, version: 1 };
  }
}
