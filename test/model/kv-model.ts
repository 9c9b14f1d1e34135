import type { Value } from "#gen/tiffin/kv/v1/entry_pb.ts";

/** An entry as the model has it. Versions are the revisions that the room answered. */
export interface ModelEntry {
  readonly value: string | bigint;
  readonly version: bigint;
  readonly createVersion: bigint;
  /** Undefined: never. */
  readonly expireAt: number | undefined;
}

/** What key-value ought to do, in the fewest words: namespaces of keys, and the time. */
export class KvModel {
  readonly #namespaces = new Map<string, Map<string, ModelEntry>>();
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  get(namespace: string, key: string): ModelEntry | undefined {
    const entry = this.#namespaces.get(namespace)?.get(key);
    return entry !== undefined && isLive(entry, this.now) ? entry : undefined;
  }

  put(namespace: string, key: string, entry: ModelEntry): void {
    const entries = this.#namespaces.get(namespace) ?? new Map<string, ModelEntry>();
    this.#namespaces.set(namespace, entries.set(key, entry));
  }

  delete(namespace: string, key: string): void {
    this.#namespaces.get(namespace)?.delete(key);
  }

  deleteNamespace(namespace: string): void {
    this.#namespaces.delete(namespace);
  }

  /** The live keys in order of their bytes. */
  keys(namespace: string): string[] {
    return [...(this.#namespaces.get(namespace)?.keys() ?? [])]
      .filter((key) => this.get(namespace, key) !== undefined)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  /** The names of those that hold live keys. */
  namespaces(): string[] {
    return [...this.#namespaces.keys()].filter((name) => this.keys(name).length > 0).sort();
  }
}

const isLive = ({ expireAt }: ModelEntry, now: number): boolean =>
  expireAt === undefined || expireAt > now;

export const toValue = (value: string | bigint): { kind: Value["kind"] } => ({
  kind: typeof value === "string" ? { case: "text", value } : { case: "integer", value },
});
