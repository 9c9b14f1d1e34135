import type { Model } from "./checker.ts";

/**
 * What a call asks of some keys. Every call is one shape: a guard, what it reads, and what it does when the guard holds.
 * A call is checked together with all that touch the same keys.
 */
export interface Input {
  readonly name: string;
  readonly keys: readonly string[];
  readonly guard?: Guard;
  readonly effects: readonly Effect[];
}

export type Guard =
  | { readonly key: string; readonly version: number }
  | { readonly key: string; readonly exists: boolean }
  | { readonly key: string; readonly value: string };

export type Effect =
  | { readonly do: "put"; readonly key: string; readonly value: string }
  | { readonly do: "add"; readonly key: string; readonly delta: number }
  | { readonly do: "delete"; readonly key: string };

/** An entry as an answer has it. Values are told apart by their text. */
export interface Seen {
  readonly value: string;
  readonly version: number;
  readonly created: number;
  /** It will; only entries that the model does not know of do. */
  readonly expires?: boolean;
}

/** What an answer says; what it does not say is left out. */
export interface Output {
  /** Whether the guard held; true without one. */
  readonly held: boolean;
  /** Of the writes, or the one it was read at. */
  readonly revision?: number;
  /** What was there before the effects; null: nothing. */
  readonly before?: Readonly<Record<string, Seen | null>>;
  /** The versions that were there before the effects; 0: nothing. */
  readonly versions?: Readonly<Record<string, number>>;
  readonly created?: Readonly<Record<string, number>>;
  readonly sums?: Readonly<Record<string, number>>;
  readonly deleted?: number;
}

/** A version is known once an answer told it; until then, later than a revision that came before it. */
type Version = number | { readonly after: number };
interface Kept {
  readonly value: string;
  readonly version: Version;
  /** "version": it was created by the write that last wrote it. */
  readonly created: Version | "version";
}
/** Changed only while it is a step's own. */
type Entries = Map<string, Kept>;
export interface State {
  readonly entries: ReadonlyMap<string, Kept>;
  /** No operation from here on has an earlier revision; a write has a later one. */
  readonly head: number;
}

/** Keys with values, versions and create versions: versions grow along the order, and are those that were answered. */
export const keysModel: Model<State, Input, Output> = {
  initial: { entries: new Map(), head: 0 },
  step(state, input, output) {
    const entries: Entries = new Map(state.entries);
    if (output !== undefined && !tellsTheTruth(entries, output)) return undefined;
    const effects = effectsOn(entries, input, output);
    if (effects === undefined) return undefined;
    const head = headAfter(state.head, output, effects.length > 0);
    if (head === undefined) return undefined;
    const version = output?.revision ?? { after: state.head };
    for (const effect of effects) {
      if (!apply(entries, effect, { version, output })) return undefined;
    }
    return head === state.head && isSame(entries, state.entries) ? state : { entries, head };
  },
  rank: ({ revision }) => revision,
  fingerprint: ({ entries, head }) =>
    `${head} ${[...entries].map(([key, kept]) => `${JSON.stringify(key)} ${fingerprintOf(kept)}`).sort()}`,
};

const isSame = (some: State["entries"], others: State["entries"]): boolean =>
  some.size === others.size && [...some].every(([key, kept]) => others.get(key) === kept);

const fingerprintOf = ({ value, version, created }: Kept): string =>
  `${JSON.stringify(value)} ${toText(version)} ${created === "version" ? created : toText(created)}`;

const toText = (version: Version): string =>
  typeof version === "number" ? String(version) : `after ${version.after}`;

/** What the call does to the entries; undefined: not what was answered. */
function effectsOn(
  entries: Entries,
  { guard, effects }: Input,
  output: Output | undefined,
): readonly Effect[] | undefined {
  const held = holds(entries, guard);
  if (output !== undefined && output.held !== held) return undefined;
  if (!held) return [];
  const effective = effects.filter((effect) => changes(entries, effect));
  const deleted = effective.filter((effect) => effect.do === "delete").length;
  return (output?.deleted ?? deleted) === deleted ? effective : undefined;
}

function headAfter(head: number, output: Output | undefined, writes: boolean): number | undefined {
  if (output?.revision === undefined) return writes ? head + 1 : head;
  const isInOrder = writes ? output.revision > head : output.revision >= head;
  return isInOrder ? output.revision : undefined;
}

/** Whether what the answer says was there was there; what it adds to what is known is kept. */
function tellsTheTruth(entries: Entries, { before = {}, versions = {} }: Output): boolean {
  const entriesAgree = Object.entries(before).every(([key, seen]) =>
    agree(entries, key, seen && ((kept) => asSeen(kept, seen))),
  );
  const versionsAgree = Object.entries(versions).every(([key, version]) =>
    agree(entries, key, version === 0 ? null : (kept) => withVersion(kept, version)),
  );
  return entriesAgree && versionsAgree;
}

/** Null: nothing was there; else what is known of the entry with what was told of it, undefined when they differ. */
function agree(
  entries: Entries,
  key: string,
  learn: ((kept: Kept) => Kept | undefined) | null,
): boolean {
  const kept = entries.get(key);
  if (kept === undefined || learn === null) return kept === undefined && learn === null;
  const known = learn(kept);
  if (known !== undefined) entries.set(key, known);
  return known !== undefined;
}

function asSeen(kept: Kept, { value, version, created }: Seen): Kept | undefined {
  if (kept.value !== value) return undefined;
  const known = withVersion(kept, version);
  return known && withCreated(known, created);
}

function withVersion(kept: Kept, version: number): Kept | undefined {
  if (kept.version === version) return kept;
  return isPossibly(kept.version, version) ? { ...kept, version } : undefined;
}

function withCreated(kept: Kept, created: number): Kept | undefined {
  if (kept.created === created) return kept;
  if (kept.created !== "version") {
    return isPossibly(kept.created, created) ? { ...kept, created } : undefined;
  }
  const known = withVersion(kept, created);
  return known && { ...known, created };
}

const isPossibly = (known: Version, told: number): boolean =>
  typeof known === "number" ? known === told : told > known.after;

/** A version nobody was told is none that a guard can name: whoever names one was told it before. */
function holds(entries: Entries, guard: Guard | undefined): boolean {
  if (guard === undefined) return true;
  const kept = entries.get(guard.key);
  if ("exists" in guard) return (kept !== undefined) === guard.exists;
  if ("value" in guard) return kept?.value === guard.value;
  return kept?.version === guard.version;
}

const changes = (entries: Entries, effect: Effect): boolean =>
  effect.do !== "delete" || entries.has(effect.key);

function apply(
  entries: Entries,
  effect: Effect,
  { version, output }: { readonly version: Version; readonly output: Output | undefined },
): boolean {
  const { key } = effect;
  const kept = entries.get(key);
  if (effect.do === "delete") return entries.delete(key);
  const value =
    effect.do === "put" ? effect.value : String(Number(kept?.value ?? 0) + effect.delta);
  const sum = output?.sums?.[key];
  if (sum !== undefined && String(sum) !== value) return false;
  const written = { value, version, created: createdOf(kept) };
  const told = output?.created?.[key];
  const whole = told === undefined ? written : withCreated(written, told);
  if (whole === undefined) return false;
  entries.set(key, whole);
  return true;
}

function createdOf(kept: Kept | undefined): Kept["created"] {
  if (kept === undefined) return "version";
  return kept.created === "version" ? kept.version : kept.created;
}
