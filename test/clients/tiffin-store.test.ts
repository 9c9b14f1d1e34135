import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "vitest";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { TiffinStore } from "../../gen/typescript/lib/tiffin-store.ts";
import { caught } from "../support/caught.ts";
import { openClient, type TransportName } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { startApp } from "../support/start-app.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testStore } from "./store-contract.ts";

for (const transport of ["grpc", "connect-json"] as const) {
  const clock = new ManualClock();
  const shared = once(() => openStore({ transport, clock }));
  afterAll(async () => (await shared()).stop());

  testStore(`TiffinStore over ${transport}`, async () => {
    const store = new TiffinStore((await shared()).client, randomUUID());
    return { store, clock, [Symbol.asyncDispose]: async () => undefined };
  });
}

test("what was set is there after the server has stopped and started, and in no other namespace", async () => {
  const env = { TIFFIN_STORE_URL: `sqlite:${temporaryFolder()}/tiffin.db` };
  const before = await openStore({ env });
  await before.store.set("key", { kept: true });
  await before.stop();
  const after = await openStore({ env });
  expect(await after.store.get("key")).toEqual({ kept: true });
  expect(await new TiffinStore(after.client, "another").get("key")).toBeUndefined();
  await after.stop();
});

test("updates by several clients at the same time lose none", async () => {
  const { client, stop } = await openStore();
  const stores = Array.from({ length: 8 }, () => new TiffinStore<number>(client, "app"));
  const updates = stores.flatMap((store) =>
    Array.from({ length: 10 }, () => store.update("n", (n = 0) => ({ value: n + 1 }))),
  );
  await Promise.all(updates);
  expect(await stores[0]?.get("n")).toBe(80);
  await stop();
});

test("an update that another was faster than is run again with the newer value", async () => {
  const { store, client, stop } = await openStore();
  const other = new TiffinStore(client, "app");
  await store.set("key", ["mine"]);
  const found: unknown[] = [];
  const overtaken = async (value: unknown) => {
    found.push(value);
    if (found.length === 1) await other.set("key", ["theirs"]);
    if (found.length === 2) await other.delete("key");
    if (found.length === 3) await other.set("key", ["theirs again"]);
    return { value: "done" };
  };
  expect(await store.update("key", overtaken)).toBe("done");
  expect(found).toEqual([["mine"], ["theirs"], undefined, ["theirs again"]]);
  await stop();
});

test("what another client keeps there that is not JSON is refused, naming the key and the kind", async () => {
  const { store, client, stop } = await openStore();
  const value = create(ValueSchema, { kind: { case: "bytes", value: new Uint8Array(1) } });
  await client.set({ namespace: "app", key: "theirs", value });
  await expect(store.get("theirs")).rejects.toThrow("the value of theirs is not JSON, but bytes");
  const updating = store.update("theirs", () => ({ value: 1 }));
  await expect(updating).rejects.toThrow(TypeError);
  await stop();
});

test("what it keeps is JSON to every other client", async () => {
  const { store, client, stop } = await openStore({ transport: "connect-json" });
  await store.set("key", { n: 1 });
  const { entry } = await client.get({ namespace: "app", key: "key" });
  expect(entry?.value?.kind.case).toBe("json");
  await stop();
});

test("what the server refuses comes with its reason", async () => {
  const { store, stop } = await openStore();
  const error = await caught(store.set("key", "x".repeat(1024 * 1024)));
  expect(error.reason).toBe("VALUE_TOO_LARGE");
  await stop();
});

/** Opens with the first test that asks. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

interface OpenOptions {
  readonly transport?: TransportName;
  readonly clock?: ManualClock;
  readonly env?: Readonly<Record<string, string>>;
}

async function openStore({ transport = "grpc", clock, env = {} }: OpenOptions = {}) {
  const server = await startApp(env, clock === undefined ? {} : { clock });
  const { client, close } = openClient(KeyValueService, transport, server.target);
  const stop = async (): Promise<void> => {
    close();
    await server[Symbol.asyncDispose]();
  };
  return { store: new TiffinStore(client, "app"), client, stop };
}
