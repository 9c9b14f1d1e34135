/**
 * Deletes a namespace of so many entries, as the room does it, and looks at the event loop until all of it is
 * purged, in a process of its own: `node purge-child.ts URL ENTRIES`, answers in JSON.
 */
import { setTimeout as wait } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { SetRequestSchema } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { entriesRoot, namespacesRoot } from "../../src/kv/kv-spaces.ts";
import { child, type Key } from "../../src/store/key.ts";
import { type Numbered, tenantsRoot } from "../../src/store/layers/directory.ts";
import type { Store } from "../../src/store/store.ts";
import { openBenchRoom } from "../store/bench-room.ts";
import { fillInOrder } from "../store/bench-space.ts";
import { whileWatchingLoop } from "../store/loop-delay.ts";

const [url = "", entryCount = ""] = process.argv.slice(2);
const namespace = "purged";
const pauseMs = 5;
const { store, service, context } = await openBenchRoom(url, 2 ** 20);
await setOne();
const entries = await entriesOf(store);
await fillInOrder({ store, entries }, Number(entryCount));
globalThis.gc?.();

const { result, delay } = await whileWatchingLoop(async () => {
  const begun = performance.now();
  const request = {
    $typeName: "tiffin.kv.v1.DeleteNamespaceRequest",
    namespace,
    requestId: "",
  } as const;
  const answer = await service.deleteNamespace(request, context);
  const answered = performance.now();
  if (answer.deleted !== true) throw new Error("the namespace was not there");
  await setOne();
  const usable = performance.now();
  if ((await entriesOf(store)) === entries) throw new Error("the namespace is the one deleted");
  while ((await store.stats(entries)).records > 0) await wait(pauseMs);
  return {
    answeredMs: answered - begun,
    usableMs: usable - answered,
    purgedMs: performance.now() - begun,
  };
});
await store.close();
console.log(JSON.stringify({ ...result, loopP99Ms: delay.p99, loopMaxMs: delay.max }));

/** Makes the namespace too, where it is not there. */
async function setOne(): Promise<void> {
  const value = create(ValueSchema, { kind: { case: "integer", value: 1n } });
  await service.set(create(SetRequestSchema, { namespace, key: "one", value }), context);
}

/** Under it are the namespace's entries. */
async function entriesOf(of: Store): Promise<Key> {
  const tenant = await numberUnder(of, child(tenantsRoot, "default"));
  return entriesRoot(tenant, await numberUnder(of, child(namespacesRoot(tenant), namespace)));
}

async function numberUnder(of: Store, record: Key): Promise<number> {
  const { entries: found } = await of.get([record]);
  if (found[0] === undefined) throw new Error("the directory has no such record");
  return (found[0].value as Numbered).number;
}
