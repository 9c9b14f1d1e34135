import type { Key } from "../key.ts";
import type { Space } from "../space.ts";
import { Spaces } from "../spaces.ts";
import type { Entry } from "../store.ts";
import type { StoredRow } from "./wire.ts";

/** Makes entries of what is stored. */
export class RecordDecoder {
  readonly #spaces: Spaces;

  constructor(spaces: readonly Space<unknown>[]) {
    this.#spaces = new Spaces(spaces);
  }

  entry(key: Key, { value, version, created, expireAt }: StoredRow): Entry {
    const decoded = frozen(this.#spaces.of(key).codec.decode(value));
    const bytes = key.length + value.length;
    return expireAt === null
      ? { key, value: decoded, version, created, bytes }
      : { key, value: decoded, version, created, expireAt, bytes };
  }

  encode(key: Key, value: unknown): Uint8Array {
    return this.#spaces.of(key).codec.encode(value);
  }
}

/** Values are immutable from the moment they are given. */
function frozen(value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
