import { byCodePoints } from "./code-points.ts";

/** The names of a series' dimensions by code points. Senders name the same ones in the same order time and again: then they are sorted once. */
export class DimensionOrder {
  #given: readonly string[] = [];
  #sorted: readonly string[] = [];

  of(dimensions: Readonly<Record<string, string>>): readonly string[] {
    const names = Object.keys(dimensions);
    if (!isSame(names, this.#given)) {
      this.#given = names;
      this.#sorted = names.toSorted(byCodePoints);
    }
    return this.#sorted;
  }
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  if (names.length !== others.length) return false;
  for (let at = 0; at < names.length; at++) if (names[at] !== others[at]) return false;
  return true;
}
