import type { Engine } from "../../src/store/engine.ts";
import type { Key, Range } from "../../src/store/key.ts";
import {
  type Commit,
  type Committed,
  type EngineOutcome,
  type Entry,
  type Expectation,
  isConflict,
  type Mutation,
} from "../../src/store/store.ts";

let ids = 0;

/** A commit with an id of its own. */
export const commitOf = (
  mutations: readonly Mutation[],
  expect: readonly Expectation[] = [],
): Commit => ({ id: `test-${ids++}`, expect, mutations });

export const put = (
  key: Key,
  value = "v",
  expireAt: number | "none" | "keep" = "none",
): Mutation => ({ op: "put", key, value, expireAt });

export const remove = (key: Key, reason: "deleted" | "expired" = "deleted"): Mutation => ({
  op: "delete",
  key,
  reason,
});

/** A deletion that says why. */
export const removeFor = (why: string, key: Key): Mutation => ({
  op: "delete",
  key,
  reason: "deleted",
  why,
});

export const removeRange = (range: Range): Mutation => ({ op: "deleteRange", range });

/** Applies one commit alone. */
export async function applyOne(engine: Engine, commit: Commit): Promise<EngineOutcome> {
  const [outcome] = await engine.apply([commit]);
  if (outcome === undefined) throw new Error("the engine answered no outcome");
  return outcome;
}

/** Writes in one commit, which must succeed. */
export async function write(engine: Engine, ...mutations: Mutation[]): Promise<Committed> {
  return committed(await applyOne(engine, commitOf(mutations)));
}

export function committed(outcome: EngineOutcome): Committed {
  if ("refused" in outcome) throw outcome.refused;
  if (isConflict(outcome)) throw new Error("the commit met a conflict");
  return outcome;
}

export async function read(engine: Engine, key: Key): Promise<Entry | undefined> {
  return (await engine.get([key])).entries[0];
}
