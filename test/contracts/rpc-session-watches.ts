import { inspect } from "node:util";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AtLimit } from "#gen/tiffin/session/v1/session_pb.ts";
import { EventType } from "#gen/tiffin/session/v1/watch_pb.ts";
import { digestOf } from "../../src/session/session-id.ts";
import { durationOf, failureOf, msOf } from "./rpc-messages.ts";
import { created, exact, sweep } from "./rpc-session-parts.ts";
import { SessionWatches, tell, told } from "./rpc-session-watch-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionWatches(subject: RpcUnderTest): void {
  describe("Watch of sessions", () => {
    let rpc: RpcSubject;
    let watches: SessionWatches;
    beforeEach(async () => {
      rpc = await subject.open();
      watches = new SessionWatches(rpc);
    });
    afterEach(async () => {
      await watches.end();
      await rpc.close();
    });

    const all = { case: "all", value: true } as const;
    const replace = (sessionId: string, value: Record<string, string>) =>
      rpc.sessions.update({ sessionId, change: { case: "replace", value } });

    test("the first message comes at once, with where to resume", async () => {
      await created(rpc, { subject: "ada" });
      const first = await watches.open().next();
      expect(first.events).toEqual([]);
      expect(first.revision).toBe(BigInt((await rpc.store.get([])).head));
      expect(first.resumeToken).not.toBe("");
    });

    test("tells each change of a session in order, with the session as it is then", async () => {
      const reader = await watches.opened();
      const { id, session } = await created(rpc, { subject: "ada", data: { a: "1" } });
      const updated = (await replace(id, { a: "2" })).session;
      const rotated = await rpc.sessions.rotate({ sessionId: id });
      const { sessionId } = rotated;
      const merged = await rpc.sessions.rotate({ sessionId, mergePatch: { b: "3" } });
      await rpc.sessions.delete({ sessionId: merged.sessionId });
      const events = await reader.events(5);
      expect(events.map(told)).toEqual([
        "CREATED ada",
        "UPDATED ada",
        "ROTATED ada",
        "ROTATED ada",
        "DELETED ada LOGOUT",
      ]);
      const states = [session, updated, rotated.session, merged.session, merged.session];
      expect(events.map((event) => event.session)).toEqual(states);
      const revisions = events.map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.toSorted((a, b) => Number(a - b)));
      expect(new Set(revisions).size).toBe(5);
      expect(revisions.at(-1)).toBe(reader.revision);
    });

    test("tells why each session ended that somebody ended", async () => {
      const ids = new Map<string, string>();
      for (const name of ["logout", "limit", "one", "all", "any"]) {
        ids.set(name, (await created(rpc, { subject: name })).id);
      }
      const reader = await watches.opened({ types: [EventType.DELETED] });
      await rpc.sessions.delete({ sessionId: ids.get("logout") ?? "" });
      const policy = { subjectSessionsMax: 1, atLimit: AtLimit.END_OLDEST };
      const last = await created(rpc, { subject: "limit", policy });
      const [one] = (await rpc.sessions.listBySubject({ subject: "one" })).sessions;
      const which = { case: "handle", value: one?.handle ?? "" } as const;
      await rpc.sessions.deleteBySubject({ subject: "one", which });
      await rpc.sessions.deleteBySubject({ subject: "all", which: all });
      await rpc.sessions.delete({ sessionId: last.id });
      await rpc.sessions.deleteAll({});
      expect(await tell(reader, 6)).toEqual([
        "DELETED logout LOGOUT",
        "DELETED limit LIMIT",
        "DELETED one REVOKED",
        "DELETED all REVOKED",
        "DELETED limit LOGOUT",
        "DELETED any REVOKED",
      ]);
    });

    test("tells of what expired why it did, and when it was used last", async () => {
      const idle = { idleTimeout: durationOf(1000), ...exact };
      const absolute = { absoluteTimeout: durationOf(2500), ...exact };
      const both = { idleTimeout: durationOf(2500), ...absolute };
      const begin = rpc.clock.now();
      const reader = await watches.opened();
      await created(rpc, { subject: "idle", policy: idle });
      const used = await created(rpc, { subject: "used", policy: idle });
      await created(rpc, { subject: "absolute", policy: absolute });
      await created(rpc, { subject: "both", policy: both });
      await reader.events(4);
      rpc.clock.advance(900);
      await rpc.sessions.touch({ sessionId: used.id });
      rpc.clock.advance(100);
      await sweep(rpc);
      expect(await tell(reader, 1)).toEqual(["DELETED idle IDLE"]);
      rpc.clock.advance(begin + 1900 - rpc.clock.now());
      await sweep(rpc);
      const [event] = await reader.events(1);
      expect(event && told(event)).toBe("DELETED used IDLE");
      expect(msOf(event?.session?.lastActiveTime)).toBe(begin + 900);
      expect(msOf(event?.session?.idleExpireTime)).toBe(begin + 1900);
      rpc.clock.advance(begin + 2500 - rpc.clock.now());
      await sweep(rpc);
      expect((await tell(reader, 2)).toSorted()).toEqual([
        "DELETED absolute ABSOLUTE",
        "DELETED both ABSOLUTE",
      ]);
    });

    test("being used is no event, however it is written down", async () => {
      const policy = { idleTimeout: durationOf(1000), absoluteTimeout: durationOf(2500), ...exact };
      const reader = await watches.opened();
      const { id } = await created(rpc, { subject: "ada", policy });
      const before = (await rpc.store.get([])).head;
      // Near the absolute timeout the expiry does not move any more, and each use is written into the record.
      for (let use = 0; use < 12; use++) {
        rpc.clock.advance(200);
        if (use % 2 === 0) await rpc.sessions.touch({ sessionId: id });
        else await rpc.sessions.get({ sessionId: id });
      }
      expect((await rpc.store.get([])).head).toBeGreaterThan(before);
      await rpc.sessions.delete({ sessionId: id });
      expect(await tell(reader, 2)).toEqual(["CREATED ada", "DELETED ada LOGOUT"]);
    });

    test("a login is one rotation to who watches all, an end and a beginning to who watches subjects", async () => {
      const everyone = await watches.opened();
      const ada = await watches.opened({ subject: "ada" });
      const bob = await watches.opened({ subject: "bob" });
      const { id } = await created(rpc);
      const login = await rpc.sessions.rotate({ sessionId: id, subject: "ada" });
      const again = await rpc.sessions.rotate({ sessionId: login.sessionId, subject: "ada" });
      const { sessionId } = again;
      const switched = await rpc.sessions.rotate({ sessionId, subject: "bob" });
      await replace(switched.sessionId, { a: "1" });
      await rpc.sessions.rotate({ sessionId: switched.sessionId, subject: "" });
      expect(await tell(everyone, 6)).toEqual([
        "CREATED ",
        "ROTATED ada",
        "ROTATED ada",
        "ROTATED bob",
        "UPDATED bob",
        "ROTATED ",
      ]);
      const ofAda = await ada.events(3);
      expect(ofAda.map(told)).toEqual([
        "ROTATED ada",
        "ROTATED ada",
        "DELETED ada SUBJECT_CHANGED",
      ]);
      expect(ofAda.map((event) => event.session)).toEqual([
        login.session,
        again.session,
        again.session,
      ]);
      const ofBob = await bob.events(3);
      expect(ofBob.map(told)).toEqual([
        "ROTATED bob",
        "UPDATED bob",
        "DELETED bob SUBJECT_CHANGED",
      ]);
      expect(ofBob[0]?.session).toEqual(switched.session);
    });

    test("a login that ends another session at the limit tells both in one commit", async () => {
      const policy = { subjectSessionsMax: 1 };
      await created(rpc, { subject: "ada", policy });
      const { id } = await created(rpc, { policy });
      const reader = await watches.opened();
      await rpc.sessions.rotate({ sessionId: id, subject: "ada" });
      const { events } = await reader.next();
      expect(events.map(told).toSorted()).toEqual(["DELETED ada LIMIT", "ROTATED ada"]);
      expect(new Set(events.map(({ revision }) => revision)).size).toBe(1);
    });

    test("tells of the watched subject alone, and of the types asked for alone", async () => {
      const ada = await watches.opened({ subject: "ada" });
      const types = [EventType.UPDATED, EventType.DELETED];
      const some = await watches.opened({ types });
      for (const name of ["adab", "ada", "ad", "", "ada\u0000"]) {
        const { id } = await created(rpc, { subject: name });
        await replace(id, { of: name });
      }
      await rpc.sessions.deleteBySubject({ subject: "ad", which: all });
      await rpc.sessions.deleteBySubject({ subject: "ada", which: all });
      expect(await tell(ada, 3)).toEqual(["CREATED ada", "UPDATED ada", "DELETED ada REVOKED"]);
      expect(await tell(some, 7)).toEqual([
        ...["UPDATED adab", "UPDATED ada", "UPDATED ad", "UPDATED ", "UPDATED ada\u0000"],
        ...["DELETED ad REVOKED", "DELETED ada REVOKED"],
      ]);
    });

    test("no message holds an id, nor its digest", async () => {
      const reader = await watches.opened();
      const { id } = await created(rpc, { subject: "ada", data: { a: "1" } });
      const first = await rpc.sessions.rotate({ sessionId: id });
      const second = await rpc.sessions.rotate({ sessionId: first.sessionId, subject: "bob" });
      await rpc.sessions.deleteAll({});
      const seen = inspect(await reader.events(4), { depth: Infinity });
      for (const each of [id, first.sessionId, second.sessionId]) {
        expect(seen).not.toContain(each);
        expect(seen).not.toContain(digestOf(each));
      }
      expect(seen).toContain(second.session?.handle);
    });

    test("says every ten seconds how far it has come, past commits that are no events too", async () => {
      const { id } = await created(rpc, { subject: "ada" });
      const reader = watches.open({ subject: "bob" });
      const first = await reader.next();
      await replace(id, { a: "1" });
      const head = BigInt((await rpc.store.get([])).head);
      rpc.clock.advance(10_000);
      const progress = await reader.next();
      expect(progress.events).toEqual([]);
      expect(progress.revision).toBeGreaterThanOrEqual(head);
      expect(progress.resumeToken).not.toBe(first.resumeToken);
    });

    test("a commit larger than a mebibyte comes in parts, with a token on the last", async () => {
      const data = { text: "x".repeat(60_000) };
      for (let at = 0; at < 20; at++) await created(rpc, { subject: "ada", data });
      const reader = await watches.opened();
      await rpc.sessions.deleteBySubject({ subject: "ada", which: all });
      const messages = [];
      for (let count = 0; count < 20; count += messages.at(-1)?.events.length ?? 0) {
        messages.push(await reader.next());
      }
      expect(messages.length).toBeGreaterThan(1);
      const tokens = messages.map(({ resumeToken }) => resumeToken !== "");
      expect(tokens).toEqual(messages.map((_, at) => at === messages.length - 1));
    });

    test("a deleted tenant ends its watches, and no other's", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      const reader = watches.open({}, { "tiffin-tenant": "t" });
      const other = await watches.opened();
      await reader.next();
      await rpc.tenants.update({ tenant: { name: "t", displayName: "still here" } });
      await created(rpc, { subject: "ada" }, "t");
      expect(await tell(reader, 1)).toEqual(["CREATED ada"]);
      await rpc.tenants.delete({ name: "t" });
      expect(await failureOf(reader.next())).toMatchObject({
        code: Code.NotFound,
        reason: "TENANT_NOT_FOUND",
      });
      await created(rpc, { subject: "bob" });
      expect(await tell(other, 1)).toEqual(["CREATED bob"]);
    });

    test("a server that shuts down ends them", async () => {
      const reader = await watches.opened();
      const ended = failureOf(reader.next());
      await rpc.serving.drain();
      expect(await ended).toMatchObject({ code: Code.Unavailable, reason: "SHUTTING_DOWN" });
    });

    test("what is asked for is checked", async () => {
      const refused = { code: Code.InvalidArgument, reason: "INVALID_FIELD" };
      const requests = [
        { subject: "s".repeat(513) },
        { types: [EventType.UNSPECIFIED] },
        { types: [EventType.CREATED, EventType.CREATED] },
        { start: { case: "afterRevision" as const, value: 0n } },
        { start: { case: "initialState" as const, value: false } },
      ];
      for (const request of requests) {
        expect(await failureOf(watches.open(request).next())).toMatchObject(refused);
      }
      const absent = watches.open({}, { "tiffin-tenant": "absent" });
      expect(await failureOf(absent.next())).toMatchObject({ reason: "TENANT_NOT_FOUND" });
    });

    test("there are so many and no more, whatever watches of keys there are", async () => {
      const small = await subject.open({
        limits: { watchesMax: 1 },
        sessionLimits: { watchesMax: 1 },
      });
      const ofSmall = new SessionWatches(small);
      await ofSmall.opened();
      expect(await failureOf(ofSmall.open().next())).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "watches", max: "1" },
      });
      for await (const { revision } of small.kv.watch({})) {
        expect(revision).toBeGreaterThan(0n);
        break;
      }
      await ofSmall.end();
      await small.close();
    });
  });
}
