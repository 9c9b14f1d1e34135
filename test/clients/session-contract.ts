import { describe, expect, test } from "vitest";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import { nodeResponse, requestWith, setCookiesOf } from "./http-messages.ts";
import { testSessionModel } from "./session-model.ts";
import { testSessionRotation } from "./session-rotation.ts";
import { hourMs, minuteMs, type SessionSubject } from "./session-subject.ts";

/** What TiffinSession promises, whatever keeps the sessions. */
export function testSessions(name: string, open: () => Promise<SessionSubject>): void {
  describe(`TiffinSession over ${name}`, () => {
    testLife(open);
    testUpdates(open);
    testTimeouts(open);
    testRequests(open);
    testSessionRotation(open);
    testSessionModel(open);
  });
}

function testLife(open: () => Promise<SessionSubject>): void {
  test("a session holds what it was created with", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({ user: 1, cart: { items: ["a"] } });
    expect(await session.get(id)).toEqual({ user: 1, cart: { items: ["a"] } });
  });

  test("ids are 43 characters of base64url, and never the same", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const ids = await Promise.all(Array.from({ length: 100 }, () => session.create({})));
    for (const id of ids) expect(id).toMatch(/^[\w-]{43}$/);
    expect(new Set(ids).size).toBe(100);
  });

  test.each([
    ["unknown", "A".repeat(43)],
    ["empty", ""],
    ["of the seed's form", "6f1c1c7e-2f5e-4c8e-9d0a-0f6f6f6f6f6f"],
    ["no text that a key could be", "\ud83d"],
    ["far too long", "A".repeat(100_000)],
  ])("an id that is %s opens nothing, and changes nothing", async (_, id) => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    expect(await session.get(id)).toBeUndefined();
    expect(await session.update(id, { a: 1 })).toBe(false);
    expect(await session.rotate(id)).toBeUndefined();
    await session.delete(id);
    expect(await session.get(id)).toBeUndefined();
  });

  test("a deleted session is gone, and deleting it again is no error", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({ user: 1 });
    await session.delete(id, nodeResponse());
    await session.delete(id, nodeResponse());
    expect(await session.get(id)).toBeUndefined();
  });

  test("what was given or got can be changed without changing the session", async () => {
    await using subject = await open();
    const session = new TiffinSession<{ list: number[] }>(subject.backend);
    const data = { list: [1] };
    const id = await session.create(data);
    data.list.push(2);
    (await session.get(id))?.list.push(3);
    expect(await session.get(id)).toEqual({ list: [1] });
  });

  test("dates, what is undefined and what is not a number are as JSON has them in every backend", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({ at: new Date(0), left: undefined, not: NaN });
    expect(await session.get(id)).toStrictEqual({ at: "1970-01-01T00:00:00.000Z", not: null });
  });

  test.each([
    ["a list", [1]],
    ["a date", new Date(0)],
    ["a BigInt within", { n: 1n }],
  ])("data that is %s is refused", async (_, data) => {
    await using subject = await open();
    const session = new TiffinSession<object>(subject.backend);
    await expect(session.create(data)).rejects.toThrow(TypeError);
    const id = await session.create({});
    await expect(session.update(id, data)).rejects.toThrow(TypeError);
  });
}

function testUpdates(open: () => Promise<SessionSubject>): void {
  test("an update merges, removes what is null, and says true", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({ a: 1, b: { c: 1, d: 2 }, e: [1, 2] });
    expect(await session.update(id, { a: null, b: { c: null, x: 3 }, e: [3], f: true })).toBe(true);
    expect(await session.get(id)).toStrictEqual({ b: { d: 2, x: 3 }, e: [3], f: true });
  });

  test("an update of a session that was deleted says false and brings nothing back", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({ user: 1 });
    await session.delete(id);
    expect(await session.update(id, { late: true })).toBe(false);
    expect(await session.get(id)).toBeUndefined();
  });

  test("a member called __proto__ is merged like any other", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create(JSON.parse('{"__proto__":{"a":1}}'));
    await session.update(id, JSON.parse('{"__proto__":{"admin":true}}'));
    const data = await session.get(id);
    expect(JSON.stringify(data)).toBe('{"__proto__":{"a":1,"admin":true}}');
    expect(data).not.toHaveProperty("admin");
  });

  test("updates of different members at the same time lose none", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({});
    const members = Array.from({ length: 20 }, (_, n) => [`member ${n}`, n] as const);
    const updates = members.map(([name, n]) => session.update(id, { [name]: n }));
    expect(await Promise.all(updates)).toEqual(members.map(() => true));
    expect(await session.get(id)).toEqual(Object.fromEntries(members));
  });
}

function testTimeouts(open: () => Promise<SessionSubject>): void {
  test("a session that is not used ends after the idle timeout", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({});
    const read = await session.create({});
    const updated = await session.create({});
    subject.clock.advance(20 * minuteMs);
    expect(await session.get(read)).toEqual({});
    expect(await session.update(updated, { a: 1 })).toBe(true);
    subject.clock.advance(10 * minuteMs + 1000);
    expect(await session.get(id)).toBeUndefined();
    expect(await session.update(id, { a: 1 })).toBe(false);
    expect(await session.get(read)).toEqual({});
    expect(await session.get(updated)).toEqual({ a: 1 });
  });

  test("a session that is used all the time ends at the absolute timeout, and cannot be made to last", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    let id = await session.create({});
    for (let passed = 0; passed < 12 * hourMs - 1000; passed += 20 * minuteMs) {
      expect(await session.update(id, { passed })).toBe(true);
      id = (await session.rotate(id)) ?? "";
      subject.clock.advance(Math.min(20 * minuteMs, 12 * hourMs - 1000 - passed));
    }
    expect(await session.get(id)).toBeDefined();
    subject.clock.advance(1000);
    expect(await session.get(id)).toBeUndefined();
    expect(await session.rotate(id)).toBeUndefined();
  });
}

function testRequests(open: () => Promise<SessionSubject>): void {
  test("the cookie that was set opens the session again, with its id", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({ user: 1 }, { subject: "ada" });
    const response = nodeResponse();
    session.setCookie(response, id);
    const [line = ""] = setCookiesOf(response);
    const request = requestWith(`other=1; ${line.split(";")[0]}; more=a=b==`);
    const found = await session.fromRequest(request);
    expect(found).toEqual({ data: { user: 1 }, subject: "ada" });
    expect(found?.id).toBe(id);
  });

  test("a request without the cookie has no session", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    expect(await session.fromRequest({ headers: {} })).toBeUndefined();
    expect(await session.fromRequest(requestWith("other=1"))).toBeUndefined();
  });

  test.each([
    ["empty", ""],
    ["malformed escapes", "%E0%A4%A"],
    ["a forged id", "A".repeat(43)],
    ["a key that the store has", "metrics"],
    ["the prototype's", "__proto__"],
    ["quoted", `"${"A".repeat(43)}"`],
    ["of 8 KiB", "A".repeat(8192)],
  ])("a request whose cookie is %s has no session, and is no error", async (_, value) => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const request = requestWith(`${session.cookieName}=${value}`);
    expect(await session.fromRequest(request)).toBeUndefined();
  });

  test("a second cookie of the same name never wins, be the first good or bad", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const mine = await session.create({ whose: "mine" });
    const theirs = await session.create({ whose: "theirs" });
    const name = session.cookieName;
    const both = await session.fromRequest(requestWith(`${name}=${mine}; ${name}=${theirs}`));
    expect(both?.data).toEqual({ whose: "mine" });
    const planted = requestWith(`${name}=planted; ${name}=${mine}`);
    expect(await session.fromRequest(planted)).toBeUndefined();
  });
}
