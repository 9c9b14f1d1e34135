import type { Effect, Guard, Input, Output, Seen } from "./keys-model.ts";

/** What a store can get wrong in one call. */
export const mistakes = [
  "stale read",
  "lost update",
  "double apply",
  "version that goes back",
  "refused write that shows",
] as const;
export type Mistake = (typeof mistakes)[number];

/** A store that runs one call after the other, and on demand does one of them wrong. */
export class SequentialKeys {
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
    for (const effect of applied) this.#apply(effect, revision);
    for (const effect of mistake === "double apply" ? applied : []) this.#apply(effect, revision);
    return held ? { held, before, revision } : { held, before };
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
        return held && writes;
      case "double apply":
        return held && input.effects.some((effect) => effect.do === "add");
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
