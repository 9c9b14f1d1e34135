import { entriesRoot, kvSpaces, namespacesRoot } from "../../src/kv/kv-spaces.ts";
import { type ByteString, toByteString } from "../../src/store/byte-string.ts";
import { jsonCodec } from "../../src/store/json-codec.ts";
import { child, type Key } from "../../src/store/key.ts";
import { tenantsRoot } from "../../src/store/layers/directory.ts";
import type { Space } from "../../src/store/space.ts";
import type { Store } from "../../src/store/store.ts";
import { openBenchStore } from "./bench-store.ts";
import type { RawPlaces } from "./raw-database.ts";

/** A store as the key-value room has it: a tenant, a namespace, and so many entries in it. */
export interface BenchSpace {
  readonly store: Store;
  readonly tenant: Directed;
  readonly namespace: Directed;
  /** Under it are the entries. */
  readonly entries: Key;
}

/** A directory's record, which every read includes and every write expects. */
export interface Directed {
  readonly record: Key;
  readonly created: number;
}

const tenantSpace: Space<unknown> = {
  name: "tenant",
  rootParts: 2,
  codec: jsonCodec(),
  history: true,
  evictable: false,
};

/** In the database that the URL names, with what it holds already. */
export async function openBenchSpace(url: string, historyBytes: number): Promise<BenchSpace> {
  const spaces = [tenantSpace, ...kvSpaces];
  const store = await openBenchStore({ url, spaces, historyBytes });
  const tenant = await direct(store, child(tenantsRoot, "default"));
  const namespace = await direct(store, child(namespacesRoot(1), ""));
  return { store, tenant, namespace, entries: entriesRoot(1, 1) };
}

/** The record, made if it is not there. */
async function direct(store: Store, record: Key): Promise<Directed> {
  const { entries } = await store.get([record]);
  if (entries[0] !== undefined) return { record, created: entries[0].created };
  const value = Object.freeze({ number: 1 });
  const put = { op: "put", key: record, value, expireAt: "none" } as const;
  const outcome = await store.commit({ expect: [{ key: record, is: "absent" }], mutations: [put] });
  if (!("revision" in outcome)) throw new Error("the directory has the record already");
  return { record, created: outcome.revision };
}

/** Writes entries 0 to `count`. */
export async function fill(
  { store, entries }: Pick<BenchSpace, "store" | "entries">,
  count: number,
): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const mutations = Array.from({ length: Math.min(batch, count - from) }, (_, index) => ({
      op: "put" as const,
      key: child(entries, nameAt(from + index)),
      value: valueAt(from + index),
      expireAt: "none" as const,
    }));
    await store.commit({ expect: [], mutations });
  }
}

/** The same entries, but in the order of their keys, which is the fastest for an engine that keeps them so. */
export async function fillInOrder(
  { store, entries }: Pick<BenchSpace, "store" | "entries">,
  count: number,
): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => nameAt(index)).sort();
  for (let from = 0; from < count; from += batch) {
    const mutations = names.slice(from, from + batch).map((name, index) => ({
      op: "put" as const,
      key: child(entries, name),
      value: valueAt(from + index),
      expireAt: "none" as const,
    }));
    await store.commit({ expect: [], mutations });
  }
}

/** What node:sqlite alone must know of them. */
export const placesOf = ({ tenant, namespace, entries }: BenchSpace): RawPlaces => ({
  tenant: tenant.record,
  namespace: namespace.record,
  entries,
});

/** The key of entry `index`: 64 bytes, in no order, and a string of its own as one just decoded is. */
export function nameAt(index: number): string {
  scratch.fill("k", 0, nameBytes);
  // Spread over the key space, so that neighbours in time are not neighbours in order.
  scratch.write(((index * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0"), 0, "latin1");
  scratch.write(index.toString(16).padStart(8, "0"), 8, "latin1");
  return scratch.toString("latin1", 0, nameBytes);
}

/** A value of 256 bytes, encoded as the room encodes bytes, and a string of its own. */
export function valueAt(index: number): ByteString {
  scratch.fill(index & 0xff, 0, valueBytes);
  scratch.writeUInt32BE(index, 8);
  return toByteString(scratch.subarray(0, valueBytes));
}

/** What the history may hold in the benchmarks of durable stores. */
export const historyBytes = 16 * 2 ** 20;
export const nameBytes = 64;
export const valueBytes = 256;
const batch = 500;
const scratch = Buffer.alloc(valueBytes);
