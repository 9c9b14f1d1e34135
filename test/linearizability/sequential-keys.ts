import type { Effect, Guard, Input, Output, Seen } from "./keys-model.ts";
import type { Commit } from "./resolve-unknown.ts";

/** What a store can get wrong in one call. */
export const mistakes = [
  "stale read",
  "lost update",
  "double apply",
  "version that goes back",
  "refused write that shows",
] as const;
/** What no answer of the call can tell, if there is none. */
export const hiddenMistakes = [
  "double apply",
  "refused write that shows",
  "write outside the history",
] as const;
export type Mistake = (typeof mistakes)[number] | (typeof hiddenMistakes)[number];

/** A store that runs one call after the other, and on demand does one of them wrong. */
export class SequentialKeys {
  /** Its history, without what a mistake keeps out of it. */
  readonly commits: Commit[] = [];
  readonly #entries = new Map<string, Seen>();
  /** What each key held before its last change. */
  readonly #before = new Map<string, Seen | null>();
  #head = 1000;

  /** Everything an answer can tell of the call. */
  run(input: Input, mistake?: Mistake): Output {
    const shown = mistake === "stale read" ? this.#before : this.#entries;
    const before = Object.fromEntries(input.keys.map((key) => [key, shown.get(key) ?? null]));
    const held = this.#holds(input.guard);
    const isApplied = held ? mistake !== "lost update" : mistake === "refused write that shows";
    const effects = this.#effective(input);
    if ((held || isApplied) && effects.length > 0) this.#head += 2;
    const revision = mistake === "version that goes back" ? this.#head - 1000 : this.#head;
    const applied = isApplied ? effects : [];
    this.#commit(applied, revision);
    if (mistake === "double apply") this.#commit(applied, revision + 1);
    if (mistake === "write outside the history") this.commits.pop();
    if (!held) return { held, before };
    const isDeletion = input.effects.some((effect) => effect.do === "delete");
    return { held, before, revision, ...(isDeletion && { deleted: effects.length }) };
  }

  /** Whether the mistake would be one just here: an answer that happens to be right is none. */
  canMistake(input: Input, mistake: Mistake): boolean {
    const held = this.#holds(input.guard);
    const writes = this.#effective(input).length > 0;
    switch (mistake) {
      case "stale read":
        return input.keys.some((key) => this.#before.has(key));
      case "lost update":
      case "version that goes back":
      case "write outside the history":
        return held && writes;
      case "double apply":
        return held && input.effects.some((effect) => effect.do !== "delete");
      case "refused write that shows":
        return !held && writes;
    }
  }

  /** Without the deletions of what is not there. */
  #effective({ effects }: Input): readonly Effect[] {
    return effects.filter(({ do: what, key }) => what !== "delete" || this.#entries.has(key));
  }

  #holds(guard: Guard | undefined): boolean {
    if (guard === undefined) return true;
    const entry = this.#entries.get(guard.key);
    if ("exists" in guard) return (entry !== undefined) === guard.exists;
    if ("value" in guard) return entry?.value === guard.value;
    return entry?.version === guard.version;
  }

  #commit(effects: readonly Effect[], revision: number): void {
    if (effects.length === 0) return;
    const before = effects.map(({ key }) => this.#entries.get(key));
    for (const effect of effects) this.#apply(effect, revision);
    const changes = effects.map(({ key }, at) => {
      return { key, before: before[at], after: this.#entries.get(key) };
    });
    this.commits.push({ revision, changes });
  }

  #apply(effect: Effect, revision: number): void {
    const { key } = effect;
    const entry = this.#entries.get(key);
    this.#before.set(key, entry ?? null);
    if (effect.do === "delete") {
      this.#entries.delete(key);
      return;
    }
    const value =
      effect.do === "put" ? effect.value : String(Number(entry?.value ?? 0) + effect.delta);
    this.#entries.set(key, { value, version: revision, created: entry?.created ?? revision });
  }
}
