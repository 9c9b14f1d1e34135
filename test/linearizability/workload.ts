import fc from "fast-check";
import {
  batchGet,
  batchSet,
  type Call,
  deleteRange,
  get,
  increment,
  persist,
  remove,
  set,
  transact,
} from "./calls.ts";
import type { Guard } from "./keys-model.ts";
import type { Fault, RecordedClient, Recorder } from "./recorder.ts";

export const texts = ["k0", "k1", "k2", "k3", "k4", "k5"] as const;
export const counters = ["c0", "c1"] as const;
/** Written together, and so checked together. */
export const pair = ["pair/a", "pair/b"] as const;
export const pairPrefix = "pair/";
/** What is written to it is the last of all. */
export const endKey = "end";
export const allKeys = [...texts, ...counters, ...pair] as const;

type Kind =
  | "get"
  | "set"
  | "set guarded"
  | "delete"
  | "delete guarded"
  | "increment"
  | "increment repeated"
  | "persist"
  | "get both"
  | "set both"
  | "transact"
  | "delete both";

/** What one client does next. Values and conditions come of what it has seen by then. */
export interface Step {
  readonly kind: Kind;
  readonly at: number;
  readonly guard: "version" | "value" | "exists" | "absent";
  readonly fault: Fault;
}

const weights: Readonly<Record<Kind, number>> = {
  get: 15,
  set: 12,
  "set guarded": 12,
  delete: 4,
  "delete guarded": 3,
  increment: 7,
  "increment repeated": 6,
  persist: 3,
  "get both": 6,
  "set both": 4,
  transact: 8,
  "delete both": 2,
};

const turns = fc.nat(8);
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 85, arbitrary: fc.constant({ is: "none", turns: 0 } as const) },
  { weight: 7, arbitrary: fc.record({ is: fc.constant("cancelled" as const), turns }) },
  { weight: 6, arbitrary: fc.record({ is: fc.constant("cut" as const), turns }) },
  { weight: 2, arbitrary: fc.constant({ is: "answer lost", turns: 0 } as const) },
);

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(weights).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as Kind),
    })),
  ),
  at: fc.nat(1000),
  guard: fc.constantFrom("version", "value", "exists", "absent"),
  fault,
});

/** What each client does, step by step; all of it follows from the seed, which is all that a failure needs to print. */
export function planOf({
  seed,
  clients,
  steps,
}: {
  readonly seed: number;
  readonly clients: number;
  readonly steps: number;
}): readonly Step[][] {
  const all = fc.sample(step, { seed, numRuns: clients * steps });
  return Array.from({ length: clients }, (_, at) => all.slice(at * steps, (at + 1) * steps));
}

/** Takes one client through its plan. Every value that is written is written once, and so is every delta added. */
export async function runPlan(
  recorder: Recorder,
  client: RecordedClient,
  plan: readonly Step[],
): Promise<void> {
  for (const [index, taken] of plan.entries()) {
    const call = toCall(recorder, taken, { client: client.name, index });
    if (taken.kind === "increment repeated") {
      await recorder.recordRepeated(client, call, taken.fault);
    } else await recorder.record(client, call, taken.fault);
  }
}

function toCall({ told }: Recorder, { kind, at, guard }: Step, place: Place): Call {
  const unique = `${place.client}-${place.index}`;
  const any = picked(allKeys, at);
  const key = picked(texts, at);
  const counter = picked(counters, at);
  switch (kind) {
    case "get":
      return get(any);
    case "set":
      return set(key, unique);
    case "set guarded":
      return set(key, unique, toGuard(told, key, guard));
    case "delete":
      return remove(any);
    case "delete guarded":
      return remove(any, toGuard(told, any, guard));
    case "increment":
      return increment(counter, deltaOf(place));
    case "increment repeated":
      return increment(counter, deltaOf(place), unique);
    case "persist":
      return persist(any);
    case "get both":
      return batchGet(pair);
    case "set both":
      return batchSet(pair, unique);
    case "transact":
      return transact(pair, told.get(pair[0])?.value ?? "none", unique);
    case "delete both":
      return deleteRange(pairPrefix, pair);
  }
}

function toGuard(told: Recorder["told"], key: string, by: Step["guard"]): Guard {
  const seen = told.get(key);
  if (by === "absent" || seen === undefined) return { key, exists: false };
  switch (by) {
    case "version":
      return { key, version: seen.version };
    case "value":
      return { key, value: seen.value };
    case "exists":
      return { key, exists: true };
  }
}

const picked = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

interface Place {
  readonly client: number;
  readonly index: number;
}

/** One for each step of each client: what a counter was raised by tells whose doing it was. */
export const deltaOf = ({ client, index }: Place): number => 1 + client * stepsMax + index;

const stepsMax = 10_000;
