import { randomUUID } from "node:crypto";
import { fromJson } from "@bufbuild/protobuf";
import { timestampDate, ValueSchema } from "@bufbuild/protobuf/wkt";
import session, { type SessionData } from "express-session";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import {
  createExpressSessionStore,
  type ExpressSessionStore,
} from "../../gen/typescript/lib/express-session-store.ts";
import { openClient } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";
import { type Callback, sessionData, told } from "./express-calls.ts";

const clock = new ManualClock();
let server: RunningApp;
let client: ReturnType<typeof openClient<typeof KeyValueService>>;

beforeAll(async () => {
  server = await startApp({ TIFFIN_LOG_LEVEL: "error" }, { clock });
  client = openClient(KeyValueService, "grpc", server.target);
});
afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

const openStore = (namespace: string = randomUUID(), ttlMs?: number): ExpressSessionStore =>
  createExpressSessionStore(session.Store, {
    client: client.client,
    namespace,
    ...(ttlMs !== undefined && { ttlMs }),
  });

const get = (store: ExpressSessionStore, sid: string) =>
  told<SessionData | null>((callback) => store.get(sid, callback));
const set = (store: ExpressSessionStore, sid: string, data: SessionData) =>
  told((callback) => store.set(sid, data, callback));
const touch = (store: ExpressSessionStore, sid: string, data: SessionData) =>
  told((callback) => store.touch(sid, data, callback as () => void));
const destroy = (store: ExpressSessionStore, sid: string) =>
  told((callback) => store.destroy(sid, callback));
const length = (store: ExpressSessionStore) =>
  told<number>((callback) => store.length(callback as Callback<number>));

describe("set and get", () => {
  test("what was set is what is got, its cookie included", async () => {
    const store = openStore();
    await set(store, "sid", sessionData({ user: "ada", list: [1, null] }));
    expect(await get(store, "sid")).toEqual({
      cookie: { originalMaxAge: null },
      user: "ada",
      list: [1, null],
    });
  });

  test("what was never set is null", async () => {
    expect(await get(openStore(), "sid")).toBeNull();
  });

  test("an object that was set, or that get answered, can be set again", async () => {
    const store = openStore();
    const data = sessionData({ n: 1 });
    await set(store, "sid", data);
    await set(store, "sid", Object.assign(data, { n: 2 }));
    const got = (await get(store, "sid")) as SessionData;
    await set(store, "sid", Object.assign(got, { m: 3 }));
    expect(await get(store, "sid")).toMatchObject({ n: 2, m: 3 });
  });

  test("a session and its store know it by what createSession and load answer, too", async () => {
    const store = openStore();
    await set(store, "sid", sessionData({ n: 1 }));
    const loaded = await told<SessionData>((callback) => store.load("sid", callback));
    await set(store, "sid", Object.assign(loaded, { n: 2 }));
    expect(await get(store, "sid")).toMatchObject({ n: 2 });
  });

  test("a new session with the id of one that is there is an error, and changes nothing", async () => {
    const store = openStore();
    await set(store, "sid", sessionData({ user: "ada" }));
    await expect(set(store, "sid", sessionData({ user: "eve" }))).rejects.toThrow("a new session");
    expect(await get(store, "sid")).toMatchObject({ user: "ada" });
  });

  test("two saves of a new session at the same time both go well, and the last counts", async () => {
    const store = openStore();
    const data = sessionData({ n: 1 });
    const first = set(store, "sid", data);
    await Promise.all([first, set(store, "sid", Object.assign(data, { n: 2 }))]);
    expect(await get(store, "sid")).toMatchObject({ n: 2 });
  });

  test("data that JSON cannot hold is an error for the callback", async () => {
    await expect(set(openStore(), "sid", sessionData({ n: 1n }))).rejects.toThrow(TypeError);
  });

  test("what something else has put there is no session", async () => {
    const namespace = randomUUID();
    const store = openStore(namespace);
    await set(store, "sid", sessionData());
    const [entry] = (await client.client.list({ namespace })).entries;
    const text = { kind: { case: "text" as const, value: "?" } };
    await client.client.set({ namespace, key: entry?.key ?? "", value: text });
    expect(await get(store, "sid")).toBeNull();
    expect(await told((callback) => store.all(callback as Callback<unknown>))).toEqual([]);
  });
});

describe("an id", () => {
  test("is not in the store: not in a key, and not in a value", async () => {
    const namespace = randomUUID();
    const sid = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    await set(openStore(namespace), sid, sessionData({ user: "ada" }));
    const { entries } = await client.client.list({ namespace });
    expect(entries.map(({ key }) => key)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    const stored = JSON.stringify(entries, (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    expect(stored).toContain("ada");
    expect(stored).not.toContain(sid);
  });
});

describe("resurrection", () => {
  test("a late set of a loaded session that was destroyed meanwhile writes nothing, and is no error", async () => {
    const store = openStore();
    await set(store, "sid", sessionData({ user: "ada" }));
    const loaded = (await get(store, "sid")) as SessionData;
    await destroy(store, "sid");
    await set(store, "sid", Object.assign(loaded, { late: true }));
    await touch(store, "sid", loaded);
    expect(await get(store, "sid")).toBeNull();
    expect(await length(store)).toBe(0);
  });

  test("so does one of a session that this process made, and another destroyed", async () => {
    const namespace = randomUUID();
    const [store, another] = [openStore(namespace), openStore(namespace)];
    const made = sessionData({ user: "ada" });
    await set(store, "sid", made);
    await destroy(another, "sid");
    await set(store, "sid", made);
    expect(await get(store, "sid")).toBeNull();
  });

  test("a first save that is still under way does not outlive the logout after it", async () => {
    const store = openStore();
    const saving = set(store, "sid", sessionData({ user: "ada" }));
    await Promise.all([saving, destroy(store, "sid")]);
    expect(await get(store, "sid")).toBeNull();
  });
});

describe("expiry", () => {
  const hourMs = 60 * 60 * 1000;
  const dayMs = 24 * hourMs;

  test.each([
    ["is one day when the cookie ends with the browser", dayMs, {}],
    ["is the store's option then", 2 * hourMs, { ttlMs: 2 * hourMs }],
    ["goes by the cookie's age", hourMs, { originalMaxAge: hourMs, ttlMs: 2 * hourMs }],
  ])("%s", async (_, lifeMs, { ttlMs, ...cookie }: { ttlMs?: number; originalMaxAge?: number }) => {
    const store = openStore(undefined, ttlMs);
    await set(store, "sid", sessionData({}, cookie));
    clock.advance(lifeMs - 1);
    expect(await get(store, "sid")).not.toBeNull();
    clock.advance(1);
    expect(await get(store, "sid")).toBeNull();
    expect(await length(store)).toBe(0);
  });

  test.each([
    ["date", new Date(Date.now() + hourMs)],
    ["text", new Date(Date.now() + hourMs).toJSON()],
  ])("goes by the cookie's expiry as a %s before anything else", async (_, expires) => {
    const store = openStore();
    const cookie = { expires: expires as Date, originalMaxAge: dayMs };
    await set(store, "sid", sessionData({}, cookie));
    clock.advance(hourMs - 60_000);
    expect(await get(store, "sid")).not.toBeNull();
    clock.advance(60_000);
    expect(await get(store, "sid")).toBeNull();
  });

  test("that is as far away as a date can be is as good as never", async () => {
    const store = openStore();
    await set(store, "sid", sessionData({}, { expires: new Date(8.64e15) }));
    clock.advance(1000 * dayMs);
    expect(await get(store, "sid")).not.toBeNull();
  });

  test("in the past destroys the session, by set and by touch", async () => {
    const store = openStore();
    const past = { expires: new Date(Date.now() - 1) };
    for (const end of [set, touch]) {
      await set(store, "sid", sessionData());
      await end(store, "sid", sessionData({}, past));
      expect(await get(store, "sid")).toBeNull();
    }
  });

  test("a date that is none is an error for the callback", async () => {
    const data = sessionData({}, { expires: new Date(NaN) });
    await expect(set(openStore(), "sid", data)).rejects.toThrow(RangeError);
  });
});

describe("touch", () => {
  const hourMs = 60 * 60 * 1000;

  test("extends the life of the session, and writes nothing of its data", async () => {
    const namespace = randomUUID();
    const store = openStore(namespace);
    await set(store, "sid", sessionData({ n: 1 }, { originalMaxAge: hourMs }));
    const before = (await client.client.list({ namespace })).entries[0];
    clock.advance(hourMs / 2);
    await touch(store, "sid", sessionData({ n: 2 }, { originalMaxAge: hourMs }));
    const after = (await client.client.list({ namespace })).entries[0];
    expect(after?.version).toBe(before?.version);
    clock.advance(hourMs - 1);
    expect(await get(store, "sid")).toMatchObject({ n: 1 });
    clock.advance(1);
    expect(await get(store, "sid")).toBeNull();
  });

  test("never shortens: a request at the same time may have set more", async () => {
    const store = openStore();
    await set(store, "sid", sessionData({}, { originalMaxAge: 10 * hourMs }));
    await touch(store, "sid", sessionData({}, { originalMaxAge: hourMs }));
    clock.advance(9 * hourMs);
    expect(await get(store, "sid")).not.toBeNull();
  });

  test("a session that touches have kept can be saved while its request is still handled", async () => {
    const namespace = randomUUID();
    const store = openStore(namespace);
    await set(store, "sid", sessionData({ n: 1 }, { originalMaxAge: hourMs }));
    // As if saved two hours ago and touched ever since: a touch leaves the data as it is, and the cookie is in it.
    const [entry] = (await client.client.list({ namespace })).entries;
    const expires = new Date(Date.now() - hourMs).toJSON();
    const json = { cookie: { originalMaxAge: hourMs, expires }, n: 1 };
    const value = { kind: { case: "json" as const, value: fromJson(ValueSchema, json) } };
    await client.client.set({ namespace, key: entry?.key ?? "", value });
    const loaded = await told<SessionData>((callback) => store.load("sid", callback));
    await set(store, "sid", Object.assign(loaded, { n: 2 }));
    expect(await get(store, "sid")).toMatchObject({ n: 2 });
  });

  test("of a session that is not there makes none, and is no error", async () => {
    const store = openStore();
    await touch(store, "sid", sessionData());
    expect(await get(store, "sid")).toBeNull();
  });
});

describe("all, length and clear", () => {
  test("of an empty store are empty, and clearing it is no error", async () => {
    const store = openStore();
    expect(await length(store)).toBe(0);
    expect(await told((callback) => store.all(callback as Callback<unknown>))).toEqual([]);
    await told((callback) => store.clear(callback));
  });

  test("are of a thousand sessions and more, of this namespace alone", async () => {
    const [store, other] = [openStore(), openStore()];
    const numbers = Array.from({ length: 1010 }, (_, n) => n);
    await Promise.all(numbers.map((n) => set(store, `sid ${n}`, sessionData({ n }))));
    await set(other, "sid", sessionData());
    expect(await length(store)).toBe(1010);
    type Numbered = (SessionData & { readonly n: number })[];
    const all = await told<Numbered>((callback) => store.all(callback as Callback<unknown>));
    expect(all.map(({ n }) => n).sort((a, b) => a - b)).toEqual(numbers);
    await told((callback) => store.clear(callback));
    expect(await length(store)).toBe(0);
    expect(await length(other)).toBe(1);
  });

  test("say of a session that was touched when it ends now, and not when it would have", async () => {
    const namespace = randomUUID();
    const store = openStore(namespace);
    const cookie = (ms: number) => ({ originalMaxAge: ms, expires: new Date(Date.now() + ms) });
    await set(store, "sid", sessionData({}, cookie(60_000)));
    await touch(store, "sid", sessionData({}, cookie(120_000)));
    const [entry] = (await client.client.list({ namespace })).entries;
    const ends = entry?.expireTime && timestampDate(entry.expireTime);
    expect(await told((callback) => store.all(callback as Callback<unknown>))).toEqual([
      { cookie: { originalMaxAge: 60_000, expires: ends } },
    ]);
  });

  test("nobody need listen: without a callback everything is done as well", async () => {
    const store = openStore();
    await set(store, "sid", sessionData());
    store.destroy("sid");
    await destroy(store, "another");
    await expect.poll(() => get(store, "sid")).toBeNull();
  });
});
