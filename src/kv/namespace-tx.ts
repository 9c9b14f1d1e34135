import { TiffinError } from "../errors.ts";
import { child, type Key, type Range, within } from "../store/key.ts";
import { expectAlive, type Numbered, toStalePlace } from "../store/layers/directory.ts";
import type { Locks, Tx } from "../store/store.ts";
import { asStored, type StoredEntry } from "./entry.ts";
import { entriesRoot } from "./kv-spaces.ts";
import { NamespacesFull, namespacesLock } from "./namespace-room.ts";
import type { Found } from "./places.ts";
import type { Room } from "./room.ts";
import { type Selection, toRange } from "./selector.ts";

/** The keys that a write needs for itself, as its caller names them. */
export interface KeyLocks {
  readonly exclusive?: readonly string[];
  readonly shared?: readonly string[];
}

/** Makes the commit fail with `StalePlace` unless the tenant and the namespace are what was found. */
export function expectFound(tx: Tx, { tenant, namespace, namespaceRecord }: Found): void {
  expectAlive(tx, tenant);
  if (namespace !== undefined) expectAlive(tx, namespace);
  else tx.expect({ key: namespaceRecord, is: "absent" }, toStalePlace);
}

/** The keys' locks; for a namespace that is not there, that of its creation. */
export function toLocks({ tenant, namespace }: Found, { exclusive, shared }: KeyLocks): Locks {
  if (namespace === undefined) return { exclusive: [namespacesLock(tenant)] };
  const toKey = (name: string): Key => child(namespace.entries, name);
  return {
    ...(exclusive === undefined ? {} : { exclusive: exclusive.map(toKey) }),
    ...(shared === undefined ? {} : { shared: shared.map(toKey) }),
  };
}

/** One attempt in one namespace, be it there or not: what is not there holds nothing, and `create` makes it. */
export class NamespaceTx {
  readonly tx: Tx;
  readonly #found: Found;
  #entries: Key | undefined;

  constructor(tx: Tx, found: Found) {
    this.tx = tx;
    this.#found = found;
    this.#entries = found.namespace?.entries;
  }

  get isThere(): boolean {
    return this.#entries !== undefined;
  }

  /** Under it are the namespace's entries; undefined when it is not there. */
  get entries(): Key | undefined {
    return this.#entries;
  }

  /** Where the key's entry is; undefined when the namespace is not there. */
  keyOf(name: string): Key | undefined {
    return this.#entries && child(this.#entries, name);
  }

  /** Where the key's entry is written, in a namespace that is there or has been created. */
  writableKeyOf(name: string): Key {
    if (this.#entries === undefined) {
      throw new TiffinError("internal", "a put before its namespace was created");
    }
    return child(this.#entries, name);
  }

  rangeOf(selection: Selection): Range | undefined {
    return this.#entries && toRange(this.#entries, selection);
  }

  async get(name: string): Promise<StoredEntry | undefined> {
    const record = this.keyOf(name);
    return record && asStored(await this.tx.get(record));
  }

  /** Makes the namespace, in the same commit as what is written to it. To be awaited before a put, unless it is there. */
  async create({ store, limits }: Pick<Room, "store" | "limits">): Promise<void> {
    if (this.#entries !== undefined) return;
    const { tenant, namespaceRecord } = this.#found;
    // Under the lock of all creations; its own reads would only make creators of different namespaces conflict.
    const { records } = await store.stats(tenant.namespacesRoot);
    if (records >= limits.namespacesMax) throw new NamespacesFull();
    const number = await this.tx.nextNumber();
    this.tx.put(namespaceRecord, Object.freeze({ number } satisfies Numbered), "none");
    this.#entries = entriesRoot(tenant.number, number);
  }

  /** Deletes the namespace's record, and so all that is under it. */
  removeNamespace(): void {
    if (this.#entries === undefined) return;
    this.tx.delete(this.#found.namespaceRecord);
    this.tx.purgeLater(within(this.#entries));
  }
}
