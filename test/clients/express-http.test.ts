/** The real express and express-session over HTTP, with their sessions in Tiffin. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import session from "express-session";
import { expect, onTestFinished, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { createExpressSessionStore } from "../../gen/typescript/lib/express-session-store.ts";
import { openClient } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type freePorts, type RunningApp, startApp } from "../support/start-app.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { Browser } from "./browser.ts";
import { type ExpressAppOptions, startExpressApp } from "./express-app.ts";
import { sessionData, told } from "./express-calls.ts";

const cookieName = "connect.sid";
const hourMs = 60 * 60 * 1000;

test("a visitor logs in under a new id, is known from then on, and logs out", async () => {
  const { browser, store, server } = await open();
  const before = await browser.post("/view");
  const login = await browser.post("/login");
  expect(login.body["sid"]).not.toBe(before.body["sid"]);
  const me = await browser.get("/me");
  expect(me.body).toEqual({ user: "ada", views: 0, sid: login.body["sid"] });
  expect(await lengthOf(store)).toBe(1);

  await browser.post("/logout");
  expect((await browser.get("/me")).body["user"]).toBeNull();
  expect(await lengthOf(store)).toBe(0);
  expect(JSON.stringify(server.logged)).not.toContain(me.body["sid"]);
});

test("the id from before the login opens nothing after it", async () => {
  const { browser, url } = await open();
  await browser.post("/view");
  const planted = new Browser(url);
  planted.cookies.set(cookieName, browser.cookies.get(cookieName) ?? "");
  await browser.post("/login");
  expect((await planted.get("/me")).body).toMatchObject({ user: null, views: 0 });
});

test("two browsers have a session each, and one's logout is not the other's", async () => {
  const { browser, url, store } = await open();
  const other = new Browser(url);
  for (const each of [browser, other]) await each.post("/login");
  await other.post("/view");
  expect(await lengthOf(store)).toBe(2);
  await browser.post("/logout");
  expect((await browser.get("/me")).body).toMatchObject({ user: null });
  expect((await other.get("/me")).body).toMatchObject({ user: "ada", views: 1 });
});

test("a visitor who leaves nothing behind has no session and gets no cookie, unless that is asked for", async () => {
  const { browser, store } = await open();
  expect((await browser.get("/me")).setCookies).toEqual([]);
  expect(await lengthOf(store)).toBe(0);

  const saving = await open({ saveUninitialized: true });
  expect((await saving.browser.get("/me")).setCookies.length).toBe(1);
  expect(await lengthOf(saving.store)).toBe(1);
});

test("a request that reloads its session has what another saved meanwhile, and can save it again", async () => {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { browser, url } = await open({ gate: gate.promise, atGate: arrived.resolve });
  await browser.post("/login");
  const slow = new Browser(url);
  slow.cookies.set(cookieName, browser.cookies.get(cookieName) ?? "");
  const answer = slow.get("/slow?reload");
  await arrived.promise;
  await browser.post("/view");
  gate.resolve();
  expect((await answer).body).toEqual({ views: 1 });
  expect((await browser.get("/me")).body).toMatchObject({ user: "ada", views: 1000 });
});

test("a session that is unset is kept, or destroyed where that is asked for", async () => {
  for (const unset of ["keep", "destroy"] as const) {
    const { browser, store } = await open({ unset });
    await browser.post("/login");
    await browser.post("/unset");
    expect(await lengthOf(store)).toBe(unset === "keep" ? 1 : 0);
  }
});

test("a session that has ended at the server is not there, and its id is not used again", async () => {
  const clock = new ManualClock();
  const { browser, store } = await open({ cookie: { maxAge: hourMs } }, { clock });
  const login = await browser.post("/login");
  clock.advance(hourMs);
  const me = await browser.get("/me");
  expect(me.body).toMatchObject({ user: null });
  expect(me.body["sid"]).not.toBe(login.body["sid"]);
  expect(await lengthOf(store)).toBe(0);
});

test("a session that is used lives on, by touches that send a cookie only when it rolls", async () => {
  for (const rolling of [false, true]) {
    const clock = new ManualClock();
    const { browser } = await open({ rolling, cookie: { maxAge: hourMs } }, { clock });
    await browser.post("/login");
    for (let hour = 0; hour < 3; hour++) {
      clock.advance(hourMs - 60_000);
      const { body, setCookies } = await browser.get("/me");
      expect(body["user"]).toBe("ada");
      expect(setCookies.length).toBe(rolling ? 1 : 0);
    }
  }
});

test("a cookie that is forged, unsigned or signed by another opens nothing, and the server is not asked for it", async () => {
  const { browser, server, url } = await open();
  await browser.post("/login");
  const right = browser.cookies.get(cookieName) ?? "";
  const sid = decodeURIComponent(right).slice("s:".length).split(".")[0] ?? "";
  const gets = () => server.logged.filter((event) => /Get$/.test(String(event["method"]))).length;
  const before = gets();
  const forged = [`${right.slice(0, -1)}!`, sid, `s:${sid}`, `s%3A${sid}.`, "", "%E0%A4%A", "s:."];
  for (const value of forged) {
    const thief = new Browser(url);
    thief.cookies.set(cookieName, value);
    expect((await thief.get("/me")).body, value).toMatchObject({ user: null });
  }
  expect(gets()).toBe(before);
  expect((await browser.get("/me")).body).toMatchObject({ user: "ada" });
  expect(gets()).toBe(before + 1);
});

test("a slow request that saves after the logout brings nothing back, and is answered", async () => {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { browser, url, store } = await open({ gate: gate.promise, atGate: arrived.resolve });
  await browser.post("/login");
  const slow = new Browser(url);
  slow.cookies.set(cookieName, browser.cookies.get(cookieName) ?? "");
  const answer = slow.get("/slow");
  await arrived.promise;
  await browser.post("/logout");
  gate.resolve();
  expect((await answer).status).toBe(200);
  expect(await lengthOf(store)).toBe(0);
  expect((await slow.get("/me")).body).toMatchObject({ user: null, views: 0 });
});

test("users stay logged in while the server stops and starts; meanwhile their requests fail, and none is logged out", async () => {
  const folder = temporaryFolder();
  const env = { TIFFIN_STORE_URL: `sqlite:${folder}/tiffin.db` };
  const { browser, store, server } = await open({}, { env });
  const { body } = await browser.post("/login");
  await server[Symbol.asyncDispose]();
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
  expect(files.join()).toContain("ada");
  expect(files.join()).not.toContain(body["sid"]);

  expect((await browser.get("/me")).status).toBe(500);
  for (const failing of callsOf(store)) await expect(failing()).rejects.toThrow();

  const again = await startApp({ ...env, ...portsOf(server) });
  onTestFinished(() => again[Symbol.asyncDispose]());
  expect((await browser.get("/me")).body).toMatchObject({ user: "ada" });
});

interface ServerOptions {
  readonly clock?: ManualClock;
  readonly env?: Readonly<Record<string, string>>;
}

/** An application, its store in a server of its own, and a browser. */
async function open(options: ExpressAppOptions = {}, { clock, env = {} }: ServerOptions = {}) {
  const server = await startApp(env, clock === undefined ? {} : { clock });
  // Over HTTP/1.1 a server that is there again is reached at once: gRPC waits a while between attempts to connect.
  const { client } = openClient(KeyValueService, "connect-binary", server.target);
  const store = createExpressSessionStore(session.Store, { client });
  const app = await startExpressApp({ store, ...options });
  onTestFinished(async () => {
    await app[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  return { browser: new Browser(app.url), url: app.url, store, server };
}

type Store = Awaited<ReturnType<typeof open>>["store"];

const lengthOf = (store: Store) => told<number | undefined>((callback) => store.length(callback));

/** Every call that a store of sessions has. */
const callsOf = (store: Store): (() => Promise<unknown>)[] => [
  () => told((callback) => store.get("sid", callback)),
  () => told((callback) => store.set("sid", sessionData(), callback)),
  () => told((callback) => store.touch("sid", sessionData(), callback as () => void)),
  () => told((callback) => store.destroy("sid", callback)),
  () => told((callback) => store.length(callback as never)),
  () => told((callback) => store.all(callback as never)),
  () => told((callback) => store.clear(callback)),
];

/** The settings that make a server listen where that one did. */
const portsOf = ({ target }: RunningApp): typeof freePorts => ({
  TIFFIN_GRPC_ADDRESS: target.grpc,
  TIFFIN_HTTP_ADDRESS: target.http,
});
