/** What goes wrong in session libraries of this shape, each a test that it does not here. */
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { MemoryStore } from "../../gen/typescript/lib/memory-store.ts";
import { StoreSessionBackend } from "../../gen/typescript/lib/store-session-backend.ts";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { nodeResponse, requestWith, setCookiesOf } from "./http-messages.ts";
import { mapStore } from "./map-store.ts";
import { hourMs } from "./session-subject.ts";

const sessionIn = (store = new MemoryStore()) => new TiffinSession(new StoreSessionBackend(store));

test("1: an abandoned session ends by itself, even where the store never forgets, and a busy one is never the first to give way", async () => {
  const clock = new ManualClock();
  const session = new TiffinSession(
    new StoreSessionBackend(mapStore(), { now: () => clock.now(), idleTimeoutMs: hourMs }),
  );
  const id = await session.create({});
  clock.advance(2 * hourMs);
  expect(await session.get(id)).toBeUndefined();

  const bounded = sessionIn(new MemoryStore({ entriesMax: 2 }));
  const busy = await bounded.create({ busy: true });
  for (let visitor = 0; visitor < 10; visitor++) {
    await bounded.create({ visitor });
    expect(await bounded.get(busy)).toEqual({ busy: true });
  }
});

test("2: updates of three members at the same time leave all three", async () => {
  const session = sessionIn();
  const id = await session.create({ n: 0 });
  await Promise.all([1, 2, 3].map((n) => session.update(id, { [`member ${n}`]: n })));
  expect(await session.get(id)).toEqual({ n: 0, "member 1": 1, "member 2": 2, "member 3": 3 });
});

test("3: a cookie set with a path and a domain is cleared with both", async () => {
  const cookie = { path: "/app", domain: "example.com" };
  const session = new TiffinSession(new StoreSessionBackend(new MemoryStore()), { cookie });
  const response = nodeResponse();
  await session.delete(await session.create({}), response);
  expect(setCookiesOf(response)).toEqual([
    expect.stringContaining("Domain=example.com; Path=/app"),
  ]);
});

test("4: a deletion is sent as one, by expiry and by age, and not as a new empty cookie", async () => {
  const session = sessionIn();
  const response = nodeResponse();
  const id = await session.create({});
  session.setCookie(response, id);
  await session.delete(id, response);
  expect(setCookiesOf(response)).toEqual([
    "__Host-id=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
  ]);
});

test("5: a header with = in a value, an empty value and a malformed escape is read, and its first cookie counts", async () => {
  const session = sessionIn();
  const id = await session.create({ n: 1 });
  const name = session.cookieName;
  const header = `token=eyJ=.eyJ==; empty=; broken=%E0%A4%A; ${name}=${id}; ${name}=another`;
  expect((await session.fromRequest(requestWith(header)))?.id).toBe(id);
});

test("6: a cookie is no key of the store, whatever else the store holds", async () => {
  const store = new MemoryStore();
  const session = sessionIn(store);
  const key = "K".repeat(43);
  const record = { data: { secret: 1 }, deadline: 1e15, usedAt: 1e15, rotated: false };
  for (const each of ["metrics", key]) await store.set(each, record);
  for (const each of ["metrics", key]) {
    const request = requestWith(`${session.cookieName}=${each}`);
    expect(await session.fromRequest(request)).toBeUndefined();
  }
});

test("7: what another part keeps in the same store under the session's id leaves the session as it is", async () => {
  const store = new MemoryStore();
  const session = sessionIn(store);
  const id = await session.create({ user: 1 });
  await store.set(id, { token: "of a form", createdAt: 0 });
  expect(await session.get(id)).toEqual({ user: 1 });
  await store.delete(id);
  expect(await session.get(id)).toEqual({ user: 1 });
});

test("8: an id from before the login is worth nothing after it, and scripts never see the cookie", async () => {
  const session = sessionIn();
  const planted = await session.create({});
  const id = (await session.rotate(planted, { subject: "ada" })) ?? "";
  expect(await session.get(planted)).toBeUndefined();
  const response = nodeResponse();
  session.setCookie(response, id);
  expect(setCookiesOf(response)).toEqual([
    expect.stringMatching(/HttpOnly; Secure; SameSite=Lax$/),
  ]);
});

test("8: an id is kept nowhere, so that whoever reads the store can open nothing", async () => {
  const kept = new Map<string, string>();
  const session = new TiffinSession(new StoreSessionBackend(mapStore(kept)));
  const first = await session.create({ user: 1 });
  const second = (await session.rotate(first)) ?? "";
  await session.update(second, { n: 1 });
  const everything = JSON.stringify([...kept]);
  expect(everything).toContain('\\"user\\":1');
  for (const id of [first, second]) expect(everything).not.toContain(id);
});

test("8: an id is in no log and in no answer that shows all that was found", async () => {
  const session = sessionIn();
  const id = await session.create({ user: 1 });
  const found = await session.fromRequest(requestWith(`${session.cookieName}=${id}`));
  expect(found?.id).toBe(id);
  for (const shown of [JSON.stringify([found]), inspect([found], { depth: Infinity })]) {
    expect(shown).toContain("user");
    expect(shown).not.toContain(id);
  }
});

test("9: requests at the same time share nothing", async () => {
  const session = sessionIn();
  const visitors = Array.from({ length: 10 }, (_, visitor) => visitor);
  const seen = await Promise.all(
    visitors.map(async (visitor) => {
      const response = nodeResponse();
      session.setCookie(response, await session.create({ visitor }));
      const [line = ""] = setCookiesOf(response);
      const found = await session.fromRequest(requestWith(line.split(";")[0] ?? ""));
      return [setCookiesOf(response).length, found?.data["visitor"]];
    }),
  );
  expect(seen).toEqual(visitors.map((visitor) => [1, visitor]));
});

test("10: a date, a map and what is undefined are the same in memory as anywhere else", async () => {
  const data = { at: new Date(0), map: new Map([["a", 1]]), left: undefined };
  for (const store of [new MemoryStore(), mapStore()]) {
    const session = new TiffinSession(new StoreSessionBackend(store));
    const id = await session.create(data);
    expect(await session.get(id)).toStrictEqual({ at: "1970-01-01T00:00:00.000Z", map: {} });
  }
});
