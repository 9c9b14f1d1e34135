import { type ErrorKind, limitExceeded, TiffinError } from "../../errors.ts";
import type { Key } from "../key.ts";
import type { Space } from "../space.ts";
import { Spaces } from "../spaces.ts";
import type { Commit, Limits, Mutation } from "../store.ts";

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
      if (mutation.op === "delete") bytes += sizeOfWhy(mutation);
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

/** Checked like a key: half of a surrogate pair would come back from some engines as something else. */
function sizeOfWhy(mutation: Extract<Mutation, { op: "delete" }>): number {
  if (mutation.reason !== "deleted" || mutation.why === undefined) return 0;
  const size = Buffer.byteLength(mutation.why);
  if (size > whyBytesMax) throw limitExceeded("whyBytes", whyBytesMax, size);
  if (!mutation.why.isWellFormed()) {
    throw new TiffinError("invalid_field", "why of a deletion holds half of a surrogate pair");
  }
  return size;
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

/** A room tells a reason of its own in it, and no text of its callers: no setting, and no limit that they are told of. */
const whyBytesMax = 64;
