import type { KeysHistory } from "./check-keys.ts";
import type { Effect, Input, Output, Seen } from "./keys-model.ts";
import { isAnswered, type Operation } from "./operation.ts";

/** One commit as it stands in the store's history: what it did to each key, and nothing of what left a key as it was. */
export interface Commit {
  readonly revision: number;
  readonly changes: readonly Change[];
}

export interface Change {
  readonly key: string;
  /** Undefined: there was none. */
  readonly before: Seen | undefined;
  readonly after: Seen | undefined;
}

export interface Resolved {
  /** Without unknown outcomes: what was not answered either stands in the store's history, or did not happen. */
  readonly history: KeysHistory;
  /** What stands in one history and not in the other, one sentence each. */
  readonly problems: readonly string[];
}

type KeysOperation = Operation<Input, Output>;

/**
 * What became of the calls that were not answered, as the store's history tells. Whatever it tells is held against the answers
 * as if it had been answered itself, and each commit is the doing of one call: this takes away excuses, and adds none.
 */
export function resolveUnknown(history: KeysHistory, commits: readonly Commit[]): Resolved {
  const known = history.filter(isAnswered);
  const unknown = new Set(history.filter((operation) => !isAnswered(operation)));
  const writes = Map.groupBy(known.filter(isWrite), ({ output }) => output?.revision);
  const tellings = known.map(toTelling);
  const problems: string[] = [];
  const resolved: KeysOperation[] = [];
  for (const commit of commits) {
    const owners = writes.get(commit.revision) ?? [];
    writes.delete(commit.revision);
    const found = owners.length === 0 ? take(unknown, commit, tellings) : undefined;
    if (found !== undefined) resolved.push(found);
    else if (owners.length !== 1 || !owners.every(({ input }) => isDoing(input, commit))) {
      problems.push(`${inShort(commit)} is the doing of ${owners.map(inShort).join() || "nobody"}`);
    }
  }
  for (const acknowledged of [...writes.values()].flat()) {
    problems.push(`${inShort(acknowledged)} is not in the store's history`);
  }
  return { history: [...known, ...resolved], problems };
}

/** An answered call that changed something. */
const isWrite = ({ input, output }: KeysOperation): boolean =>
  input.effects.length > 0 && output?.held === true && output.deleted !== 0;

/**
 * The call whose doing the commit is, as if answered with what the commit tells, when that was first seen. Values and deltas
 * are written once, so there is a choice only between deletions: the one is taken that fits the fewest commits. Which it was does
 * not matter but for its call, for which the earliest of all stands.
 */
function take(
  unknown: Set<KeysOperation>,
  commit: Commit,
  tellings: readonly Telling[],
): KeysOperation | undefined {
  const seen = firstSeen(tellings, commit.revision);
  const possible = [...unknown]
    .filter(({ input, call }) => call < seen && isDoing(input, commit))
    .sort((one, other) => widthOf(one.input) - widthOf(other.input) || one.call - other.call);
  const [taken] = possible;
  if (taken === undefined) return undefined;
  unknown.delete(taken);
  const call = Math.min(...possible.map((operation) => operation.call));
  return { ...taken, call, return: seen, output: toOutput(commit) };
}

/** In how many commits a deletion may be found: whatever one fits, all wider ones of the key fit. */
function widthOf({ guard, effects }: Input): number {
  if (effects.length > 1) return 3;
  if (guard === undefined || "exists" in guard) return 2;
  return "value" in guard ? 1 : 0;
}

/** Whether the commit is what the call does when its guard holds. That it did hold is for the checker to find. */
function isDoing({ guard, effects }: Input, { changes }: Commit): boolean {
  const before = (key: string): Seen | undefined =>
    changes.find((change) => change.key === key)?.before;
  // Deletions look alike but for their guards.
  const isDeletion = effects.every((effect) => effect.do === "delete");
  if (isDeletion && guard !== undefined) {
    if ("version" in guard && before(guard.key)?.version !== guard.version) return false;
    if ("value" in guard && before(guard.key)?.value !== guard.value) return false;
    if ("exists" in guard && !guard.exists) return false;
  }
  const isAsked = (change: Change): boolean =>
    effects.some((effect) => effect.key === change.key && isEffect(effect, change));
  const isDone = (effect: Effect): boolean =>
    effect.do === "delete" || changes.some(({ key }) => key === effect.key);
  return changes.every(isAsked) && effects.every(isDone);
}

function isEffect(effect: Effect, { before, after }: Change): boolean {
  switch (effect.do) {
    case "put":
      return after?.value === effect.value;
    case "add":
      return Number(after?.value) === Number(before?.value ?? 0) + effect.delta;
    case "delete":
      return after === undefined;
  }
}

function toOutput({ revision, changes }: Commit): Output {
  const written = changes.flatMap(({ key, after }) => (after ? [[key, after.created]] : []));
  return {
    held: true,
    revision,
    before: Object.fromEntries(changes.map(({ key, before }) => [key, before ?? null])),
    created: Object.fromEntries(written),
  };
}

/** When an answer came, and the latest revision that it told of. */
interface Telling {
  readonly at: number;
  readonly newest: number;
}

function toTelling({ return: at, output }: KeysOperation): Telling {
  const { revision = 0, before = {}, versions = {} } = output ?? {};
  const seen = Object.values(before).map((entry) => entry?.version ?? 0);
  return { at, newest: Math.max(revision, ...seen, ...Object.values(versions)) };
}

/** When somebody had been told of the revision or a later one: whatever has it had happened by then. */
function firstSeen(tellings: readonly Telling[], revision: number): number {
  let end = 0;
  let first = Number.POSITIVE_INFINITY;
  for (const { at, newest } of tellings) {
    end = Math.max(end, at + 1);
    if (newest >= revision) first = Math.min(first, at);
  }
  return Math.min(first, end);
}

const inShort = (told: unknown): string => JSON.stringify(told);
