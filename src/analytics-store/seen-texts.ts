/** A check that answers the text as it is to be stored, or refuses it, naming the field. */
export type TextCheck = (text: string, field: string) => string;

/**
 * Texts of a batch that a check found good, and what it made of them: most series have the same few, and to check each once is what makes adding
 * fast. A field's name is put together only for a text that is new.
 */
export class SeenTexts {
  readonly #check: TextCheck;
  readonly #seen = new Map<string, string>();

  constructor(check: TextCheck) {
    this.#check = check;
  }

  checked(text: string, field: string, part: string): string {
    const seen = this.#seen.get(text);
    if (seen !== undefined) return seen;
    const good = this.#check(text, `${field}${part}`);
    this.#seen.set(text, good);
    return good;
  }
}

/** A dimension's name, and a path in it. */
export type NamedPath = readonly [name: string, path: string];

/** The same for a path with the name of its dimension: of each there is one pair. */
export class SeenPaths {
  readonly #check: (name: string, path: string, field: string) => NamedPath;
  readonly #seen = new Map<string, Map<string, NamedPath>>();

  constructor(check: (name: string, path: string, field: string) => NamedPath) {
    this.#check = check;
  }

  checked(name: string, path: string, field: string): NamedPath {
    const seen = this.#seen.get(name)?.get(path);
    if (seen !== undefined) return seen;
    const good = this.#check(name, path, field);
    const paths = this.#seen.get(name);
    if (paths === undefined) this.#seen.set(name, new Map([[path, good]]));
    else paths.set(path, good);
    return good;
  }
}
