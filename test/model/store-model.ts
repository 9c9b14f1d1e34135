import type { Revision } from "../../src/store/store.ts";

export interface ModelEntry {
  readonly value: string;
  readonly version: Revision;
  readonly created: Revision;
  readonly expireAt: number | undefined;
}

/** What a store is: live entries by name, at a moment. Small enough to check by eye. */
export class StoreModel {
  readonly #entries = new Map<string, ModelEntry>();
  /** Which names were deleted, and why, in order. */
  readonly deletions: (readonly [name: string, why: string | undefined])[] = [];
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  get(name: string): ModelEntry | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined || (entry.expireAt ?? Number.POSITIVE_INFINITY) <= this.now
      ? undefined
      : entry;
  }

  put(
    name: string,
    value: string,
    { revision, expireAt }: { revision: Revision; expireAt: number | "none" | "keep" },
  ): void {
    const before = this.get(name);
    const expiry =
      expireAt === "keep" ? before?.expireAt : expireAt === "none" ? undefined : expireAt;
    this.#entries.set(name, {
      value,
      version: revision,
      created: before?.created ?? revision,
      expireAt: expiry,
    });
  }

  setExpiry(name: string, expireAt: number | "none"): void {
    const before = this.get(name);
    if (before === undefined) return;
    this.#entries.set(name, { ...before, expireAt: expireAt === "none" ? undefined : expireAt });
  }

  delete(name: string, why: string | undefined): void {
    if (this.get(name) !== undefined) this.deletions.push([name, why]);
    this.#entries.delete(name);
  }

  /** The live names with a prefix, in order, with what they hold. */
  list(prefix: string): [string, ModelEntry][] {
    const found: [string, ModelEntry][] = [];
    for (const name of [...this.#entries.keys()].sort()) {
      const entry = this.get(name);
      if (entry !== undefined && name.startsWith(prefix)) found.push([name, entry]);
    }
    return found;
  }
}
