import { between, child, type Key, key } from "../../src/store/key.ts";
import type { Call, Tx } from "../../src/store/store.ts";
import { type BenchSpace, type Directed, nameAt, valueAt } from "./bench-space.ts";

/** Something done to one entry, the way the room does it. Throws when it was not done. */
export type Operation = (name: string, value: string) => Promise<void>;

/** The deadline that every call has. */
const call: Call = { deadline: Date.now() + 3_600_000 };

/** The floor: the key encoded and a Map asked, or told, by a function that answers a promise. */
export function floorOf(keys: number): { readonly get: Operation; readonly set: Operation } {
  const root = key(1, "floor", 1);
  const shared = valueAt(0); // so that the heap is the store's and hardly this Map's
  const entries = new Map<Key, string>();
  for (let index = 0; index < keys; index++) entries.set(child(root, nameAt(index)), shared);
  return {
    async get(name) {
      if (entries.get(child(root, name)) === undefined) throw new Error("get found nothing");
    },
    async set(name, value) {
      entries.set(child(root, name), value);
    },
  };
}

/** With the tenant's and namespace's records, by which the room knows that they are there still. */
export function getAsRoom({ store, tenant, namespace, entries }: BenchSpace): Operation {
  return async (name) => {
    const read = await store.get([tenant.record, namespace.record, child(entries, name)], call);
    if (read.entries[2] === undefined) throw new Error("get found nothing");
  };
}

/** One key alone: what the store itself costs. */
export function getAlone({ store, entries }: BenchSpace): Operation {
  return async (name) => {
    const read = await store.get([child(entries, name)], call);
    if (read.entries[0] === undefined) throw new Error("get found nothing");
  };
}

/** An unconditional write, expecting the tenant and the namespace to be there still. */
export function setAsRoom(space: BenchSpace): Operation {
  const { store, entries } = space;
  return async (name, value) => {
    const { revision } = await store.update(
      {},
      (tx) => {
        expectThere(tx, space);
        tx.wantPrevious();
        tx.put(child(entries, name), value, "none");
      },
      call,
    );
    if (revision <= 0) throw new Error("set took no revision");
  };
}

/** One put, expecting nothing: what the store itself costs. */
export function putAlone({ store, entries }: BenchSpace): Operation {
  return async (name, value) => {
    const put = { op: "put", key: child(entries, name), value, expireAt: "none" } as const;
    const outcome = await store.commit({ expect: [], mutations: [put] }, call);
    if ("conflict" in outcome) throw new Error("put conflicts");
  };
}

export function deleteAsRoom(space: BenchSpace): Operation {
  const { store, entries } = space;
  return async (name) => {
    const key = child(entries, name);
    const updated = await store.update(
      {},
      (tx) => {
        expectThere(tx, space);
        tx.wantPrevious();
        tx.delete(key);
      },
      call,
    );
    if (updated.previous(key) === undefined) throw new Error("delete found nothing");
  };
}

/** A hundred entries from a key on, and the two records after them. */
export function listAsRoom({ store, tenant, namespace, entries }: BenchSpace): Operation {
  return async (name) => {
    const { entries: found } = await store.page(between(entries, name, ""), { limit: 100 }, call);
    const alive = await store.get([tenant.record, namespace.record], call);
    if (found.length === 0 || alive.entries[1] === undefined) throw new Error("list found nothing");
  };
}

/** What the operations are done with, made before the clock runs. */
export function operands(indexes: readonly number[]): { names: string[]; values: string[] } {
  return { names: indexes.map(nameAt), values: indexes.map(valueAt) };
}

function expectThere(tx: Tx, { tenant, namespace }: BenchSpace): void {
  for (const { record, created } of [tenant, namespace] satisfies Directed[]) {
    tx.expect({ key: record, is: { created } }, () => new Error("the place is gone"));
  }
}
