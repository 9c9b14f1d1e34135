import { type ErrorKind, TiffinError } from "../../errors.ts";
import type { Key } from "../key.ts";
import type { Space } from "../space.ts";
import { Spaces } from "../spaces.ts";
import type { Commit, Limits } from "../store.ts";

/** Refuses, before it is queued, a commit that no engine would take: alike for all of them. */
export class CommitLimits {
  readonly #limits: Limits;
  readonly #spaces: Spaces;

  constructor(limits: Limits, spaces: readonly Space<unknown>[]) {
    this.#limits = limits;
    this.#spaces = new Spaces(spaces);
  }

  check(commit: Omit<Commit, "id">): void {
    const { commitRecords, commitBytes } = this.#limits;
    if (commit.mutations.length > commitRecords) {
      throw over("commitRecords", commitRecords, commit.mutations.length);
    }
    let bytes = 0;
    for (const mutation of commit.mutations) {
      if (mutation.op === "deleteRange") continue;
      this.#checkKey(mutation.key);
      bytes += mutation.key.length;
      if (mutation.op === "put") bytes += this.#sizeOf(mutation.key, mutation.value);
    }
    if (bytes > commitBytes) throw over("commitBytes", commitBytes, bytes);
  }

  #checkKey(key: Key): void {
    const { keyBytes } = this.#limits;
    if (key.length > keyBytes) throw over("keyBytes", keyBytes, key.length);
  }

  #sizeOf(key: Key, value: unknown): number {
    const { valueBytes } = this.#limits;
    const size = this.#spaces.of(key).codec.size(value);
    if (size > valueBytes) throw over("valueBytes", valueBytes, size);
    return size;
  }
}

function over(limit: keyof Limits, max: number, actual: number): TiffinError {
  return new TiffinError(
    kinds[limit] ?? "limit_exceeded",
    `${limit} is ${max}, and this is ${actual}`,
    {
      metadata: { limit, max: String(max), actual: String(actual) },
    },
  );
}

const kinds: Partial<Record<keyof Limits, ErrorKind>> = {
  keyBytes: "key_too_large",
  valueBytes: "value_too_large",
};
