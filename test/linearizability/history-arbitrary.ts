import fc from "fast-check";
import type { KeysHistory } from "./check-keys.ts";
import type { Guard, Input, Output } from "./keys-model.ts";
import type { Operation } from "./operation.ts";
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

/**
 * A history as a correct store may leave it: calls take effect one after the other, each between its call and its return. With a
 * mistake, the first call that can go wrong so does, and everything is read before and after it.
 */
export function historyOf(
  planned: readonly Step[],
  mistake?: Mistake,
): { readonly history: KeysHistory; readonly isMistaken: boolean } {
  const store = new SequentialKeys();
  const history: Operation<Input, Output>[] = [];
  let isMistaken = false;
  let at = 0;
  const run = (input: Input, taken: Step, wrong?: Mistake): void => {
    at += apart;
    // Beside a mistake everything is answered: what may have happened could explain it.
    const isUnknown = mistake === undefined && taken.outcome !== "answered" && isWrite(input);
    const isRun = !isUnknown || taken.outcome === "unknown, happened";
    const output = isRun ? store.run(input, wrong) : undefined;
    history.push({
      client: history.length,
      call: at - taken.lead,
      return: isUnknown ? Number.POSITIVE_INFINITY : at + taken.lag,
      input,
      output: isUnknown ? undefined : output,
    });
  };
  const readAll = (): void => {
    at += overlapMax;
    for (const key of allKeys) run(readOf(key), strict);
  };
  for (const [index, planning] of planned.entries()) {
    const asksVersion = planning.kind === "guarded" && planning.guard === "own version";
    // Whoever names a version has been told it: by a read that has returned.
    if (asksVersion) run(readOf(planning.key), strict);
    const taken = asksVersion ? { ...planning, lead: strict.lead } : planning;
    const input = toInput(taken, index, store);
    const isWrong: boolean =
      mistake !== undefined && !isMistaken && store.canMistake(input, mistake);
    if (isWrong) readAll();
    run(input, isWrong ? strict : taken, isWrong ? mistake : undefined);
    if (isWrong) readAll();
    isMistaken ||= isWrong;
  }
  readAll();
  return { history, isMistaken };
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

const isWrite = ({ effects }: Input): boolean => effects.length > 0;

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
