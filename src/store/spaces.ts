import { TiffinError } from "../errors.ts";
import { type Key, key, lengthOfParts } from "./key.ts";
import type { Space } from "./space.ts";

/** The declared spaces, by the second part of their records' keys. */
export class Spaces {
  readonly #byName = new Map<string, Space<unknown>>();

  constructor(spaces: readonly Space<unknown>[]) {
    for (const space of spaces) this.#byName.set(key(space.name), space);
  }

  /** The space that a record is in. */
  of(record: Key): Space<unknown> {
    // As it is encoded: this is asked for every write.
    const name = record.slice(lengthOfParts(record, 1), lengthOfParts(record, 2));
    const space = this.#byName.get(name);
    if (space === undefined) throw new TiffinError("internal", "a key is in no declared space");
    return space;
  }
}
