import { systemClock } from "../../src/clock.ts";
import { entriesRoot, kvSpaces, namespacesRoot } from "../../src/kv/kv-spaces.ts";
import { type ByteString, toByteString } from "../../src/store/byte-string.ts";
import { jsonCodec } from "../../src/store/json-codec.ts";
import { child, type Key } from "../../src/store/key.ts";
import { tenantsRoot } from "../../src/store/layers/directory.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Space } from "../../src/store/space.ts";
import type { Store } from "../../src/store/store.ts";

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

export async function openBenchSpace(historyBytes: number): Promise<BenchSpace> {
  const store = await openStore({
    url: "memory:",
    spaces: [tenantSpace, ...kvSpaces],
    clock: systemClock,
    random: Math.random,
    instance: "bench",
    history: { bytes: historyBytes, ms: 3_600_000 },
    limits: {},
    memory: { bytesMax: 8 * 2 ** 30, whenFull: "refuse" },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  const tenant = await direct(store, child(tenantsRoot, "default"));
  const namespace = await direct(store, child(namespacesRoot(1), ""));
  return { store, tenant, namespace, entries: entriesRoot(1, 1) };
}

async function direct(store: Store, record: Key): Promise<Directed> {
  const value = Object.freeze({ number: 1 });
  const put = { op: "put", key: record, value, expireAt: "none" } as const;
  const outcome = await store.commit({ expect: [{ key: record, is: "absent" }], mutations: [put] });
  if (!("revision" in outcome)) throw new Error("the directory has the record already");
  return { record, created: outcome.revision };
}

/** Writes entries 0 to `count`. */
export async function fill({ store, entries }: BenchSpace, count: number): Promise<void> {
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

export const nameBytes = 64;
export const valueBytes = 256;
const batch = 500;
const scratch = Buffer.alloc(valueBytes);
