import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { partsOf } from "../../src/store/key.ts";
import { eventually } from "../support/settle.ts";
import { durationOf, failureOf, msOf } from "./rpc-messages.ts";
import {
  created,
  failuresOf,
  hour,
  minute,
  notFound,
  opens,
  peeked,
  recordsOf,
  storedRecords,
  timesOf,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionCreation(subject: RpcUnderTest): void {
  describe("creating sessions", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    test("a session is what was asked for, and every method says the same of it", async () => {
      const now = rpc.clock.now();
      const client = {
        ipAddress: "2001:db8::1",
        userAgent: "Mozilla/5.0 (\u{1f36a})",
        deviceName: "Ada's laptop",
      };
      const data = { cart: [1, "two", null, { three: true }], name: "Ada", "": {} };
      const { id, session } = await created(rpc, {
        subject: "ada@example.com",
        data,
        client,
        policy: {
          idleTimeout: durationOf(20 * minute),
          absoluteTimeout: durationOf(8 * hour),
          renewalInterval: durationOf(hour),
          touchInterval: durationOf(2000),
          subjectSessionsMax: 3,
        },
      });
      expect(session).toMatchObject({ subject: "ada@example.com", data, client });
      expect(session.handle).toMatch(/^[\w-]{22}$/);
      expect(session.version).toBeGreaterThan(0n);
      expect(timesOf(session)).toEqual({
        created: now,
        used: now,
        idle: now + 20 * minute + 2000,
        absolute: now + 8 * hour,
        renew: now + hour,
      });
      expect(await peeked(rpc, id)).toEqual(session);
      expect((await rpc.sessions.get({ sessionId: id })).session).toEqual(session);
      expect(await rpc.sessions.touch({ sessionId: id })).toMatchObject({
        idleExpireTime: session.idleExpireTime,
        absoluteExpireTime: session.absoluteExpireTime,
        renewTime: session.renewTime,
      });
    });

    test("one of which nothing is said is nobody's, empty, and lives by the defaults", async () => {
      const now = rpc.clock.now();
      const { id, session } = await created(rpc);
      expect(session).toMatchObject({ subject: "", data: {} });
      expect(session.client).toBeUndefined();
      expect(timesOf(session)).toEqual({
        created: now,
        used: now,
        idle: now + 30 * minute + 1000,
        absolute: now + 12 * hour,
        renew: undefined,
      });
      expect(await peeked(rpc, id)).toEqual(session);
    });

    test("an id is 256 bits as base64url, and nothing else of the answer holds it", async () => {
      const { sessionId, session } = await rpc.sessions.create({ subject: "ada" });
      expect(sessionId).toMatch(/^[\w-]{43}$/);
      expect(Buffer.from(sessionId, "base64url")).toHaveLength(32);
      expect(Buffer.from(sessionId, "base64url").toString("base64url")).toBe(sessionId);
      const told = JSON.stringify(session, (_, value) =>
        typeof value === "bigint" ? String(value) : value,
      );
      expect(told).not.toContain(sessionId);
    });

    test("ids and handles never come twice, to whomever and for whatever", async () => {
      const seen = new Set<string>();
      for (let each = 0; each < 20; each++) {
        const { id, session } = await created(rpc, { subject: "ada", data: { same: true } });
        const rotated = await rpc.sessions.rotate({ sessionId: id });
        for (const secret of [id, rotated.sessionId, session.handle]) seen.add(secret);
        expect(rotated.session?.handle).toBe(session.handle);
      }
      expect(seen.size).toBe(60);
    });

    test("what is as long as it may be is taken, down to the last byte", async () => {
      const client = {
        ipAddress: "192.0.2.1",
        userAgent: "é".repeat(512),
        deviceName: "é".repeat(128),
      };
      // NUL takes two bytes of a key.
      const request = { subject: "\0".repeat(512), client };
      const { id, session } = await created(rpc, request);
      expect(session).toMatchObject(request);
      expect(await peeked(rpc, id)).toEqual(session);
    });

    test("the data may be 64 KiB of JSON, and 30 levels", async () => {
      const overhead = JSON.stringify({ a: "" }).length;
      const largest = { a: "x".repeat(64 * 1024 - overhead) };
      expect((await created(rpc, { data: largest })).session.data).toEqual(largest);
      const deepest = nested(30);
      expect((await created(rpc, { data: deepest })).session.data).toEqual(deepest);
      for (const [data, limit] of [
        [{ a: `${largest.a}x` }, "session data bytes"],
        [nested(31), "json levels"],
      ] as const) {
        expect(await failureOf(rpc.sessions.create({ data }))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "VALUE_TOO_LARGE",
          metadata: { field: "data", limit },
          fields: ["data"],
        });
      }
    });

    test("a member named __proto__ is data like any other", async () => {
      const data = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":null}');
      const { id } = await created(rpc, { data });
      const read = (await peeked(rpc, id)).data;
      expect(Object.keys(read ?? {}).toSorted()).toEqual(["__proto__", "constructor", "toString"]);
      expect(JSON.parse(JSON.stringify(read))).toEqual(data);
      expect("admin" in {}).toBe(false);
    });

    test("subjects differ by their bytes, and are never normalised", async () => {
      const names = ["a", "A", "../a", "a\u0000", "a\u0000b", "é", "e\u0301", "\u{10ffff}", " "];
      for (const name of names) {
        const { id, session } = await created(rpc, { subject: name });
        expect([session.subject, (await peeked(rpc, id)).subject]).toEqual([name, name]);
      }
      const stored = await recordsOf(rpc.store, "session");
      expect(stored.map(({ key }) => partsOf(key)[2]).toSorted()).toEqual(names.toSorted());
    });

    test("a tenant that is not there has no sessions, and gets none", async () => {
      const options = { headers: { "tiffin-tenant": "absent" } };
      const { sessions } = rpc;
      const { id: sessionId } = await created(rpc);
      const change = { case: "replace", value: {} } as const;
      const calls = [
        sessions.create({}, options),
        sessions.get({ sessionId }, options),
        sessions.get({ sessionId, peek: true }, options),
        sessions.update({ sessionId, change }, options),
        sessions.touch({ sessionId }, options),
        sessions.rotate({ sessionId }, options),
        sessions.delete({ sessionId }, options),
      ];
      for (const failure of await failuresOf(calls)) {
        expect(failure).toMatchObject({ code: Code.NotFound, reason: "TENANT_NOT_FOUND" });
      }
      expect(await opens(rpc, sessionId)).toBe(true);
    });

    test("a session ends with its tenant, and does not come back with the next of that name", async () => {
      await rpc.tenants.create({ tenant: { name: "acme" } });
      const { id: sessionId } = await created(rpc, {}, "acme");
      const inAcme = { headers: { "tiffin-tenant": "acme" } };
      expect((await rpc.sessions.get({ sessionId }, inAcme)).session?.subject).toBe("");
      await rpc.tenants.delete({ name: "acme" });
      await rpc.tenants.create({ tenant: { name: "acme" } });
      expect(await failureOf(rpc.sessions.get({ sessionId }, inAcme))).toEqual(notFound);
      expect(await failureOf(rpc.sessions.get({ sessionId }))).toEqual(notFound);
      const none = { sessions: 0, finders: 0 };
      await eventually(rpc.clock, async () => {
        return JSON.stringify(await storedRecords(rpc.store)) === JSON.stringify(none);
      });
    });

    test("versions of a session created later are greater, across sessions", async () => {
      const first = await created(rpc);
      rpc.clock.advance(1);
      const second = await created(rpc);
      expect(second.session.version).toBeGreaterThan(first.session.version);
      expect(msOf(second.session.createTime)).toBe(rpc.clock.now());
    });
  });
}

/** An object so many levels deep. */
function nested(levels: number): Record<string, never> {
  let value: unknown = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value as Record<string, never>;
}
