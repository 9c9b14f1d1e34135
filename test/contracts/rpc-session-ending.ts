import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settle } from "../support/settle.ts";
import { durationOf, failureOf } from "./rpc-messages.ts";
import {
  bring,
  type CreateInit,
  created,
  exact,
  expectSound,
  headOf,
  notFound,
  opens,
  storedRecords,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

type EndInit = Parameters<RpcSubject["sessions"]["deleteBySubject"]>[0];

export function describeSessionEnding(subject: RpcUnderTest): void {
  describe("DeleteBySubject and DeleteAll", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const many = (count: number, request: CreateInit) =>
      Promise.all(Array.from({ length: count }, () => created(rpc, request)));
    const all = { case: "all", value: true } as const;
    const one = (value: string) => ({ case: "handle", value }) as const;
    const allBut = (value: string) => ({ case: "allButHandle", value }) as const;
    const end = (request: EndInit) => rpc.sessions.deleteBySubject(request);
    const live = async (sessions: readonly { id: string }[]): Promise<boolean[]> =>
      Promise.all(sessions.map(({ id }) => opens(rpc, id)));

    test("all of a subject's sessions end, and nobody else's", async () => {
      const ada = await many(3, { subject: "ada" });
      const others = [];
      for (const name of ["bob", "", "ada2", "ada\u0000"]) {
        others.push(await created(rpc, { subject: name }));
      }
      expect(await end({ subject: "ada", which: all })).toMatchObject({ deletedCount: 3 });
      expect(await live(ada)).toEqual([false, false, false]);
      expect(await live(others)).toEqual([true, true, true, true]);
      expect(await end({ subject: "ada", which: all })).toMatchObject({ deletedCount: 0 });
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 4, finders: 4 });
      for (const { id: sessionId } of ada) {
        const calls = [
          rpc.sessions.get({ sessionId }),
          rpc.sessions.touch({ sessionId }),
          rpc.sessions.rotate({ sessionId }),
          rpc.sessions.update({ sessionId, change: { case: "replace", value: {} } }),
        ];
        for (const call of calls) expect(await failureOf(call)).toEqual(notFound);
      }
    });

    test("one ends by its handle, or all but one", async () => {
      const ada = await many(4, { subject: "ada" });
      const [first, second] = ada.map(({ session }) => session.handle);
      expect(await end({ subject: "ada", which: one(first ?? "") })).toMatchObject({
        deletedCount: 1,
      });
      expect(await live(ada)).toEqual([false, true, true, true]);
      expect(await end({ subject: "ada", which: allBut(second ?? "") })).toMatchObject({
        deletedCount: 2,
      });
      expect(await live(ada)).toEqual([false, true, false, false]);
      expect(await end({ subject: "ada", which: allBut(second ?? "") })).toMatchObject({
        deletedCount: 0,
      });
      await expectSound(rpc.store);
    });

    test("a handle that is none of the subject's ends nothing", async () => {
      const [ada] = await many(2, { subject: "ada" });
      const bob = await created(rpc, { subject: "bob" });
      const ended = await created(rpc, { subject: "ada" });
      await rpc.sessions.delete({ sessionId: ended.id });
      const policy = { idleTimeout: durationOf(1000), ...exact };
      const expired = await created(rpc, { subject: "ada", policy });
      rpc.clock.advance(1000);
      const head = await headOf(rpc);
      const handles = [bob, ended, expired].map(({ session }) => session.handle);
      for (const handle of [...handles, "x", "x".repeat(64), ada?.id ?? "", "\u0000", "ü"]) {
        for (const which of [one(handle), allBut(handle)]) {
          expect(await failureOf(end({ subject: "ada", which }))).toEqual(notFound);
          const identified = end({ subject: "ada", which, requestId: "once" });
          expect(await failureOf(identified)).toEqual(notFound);
        }
      }
      expect(await headOf(rpc)).toBe(head);
      expect((await rpc.sessions.listBySubject({ subject: "ada" })).sessions).toHaveLength(2);
      expect(await opens(rpc, bob.id)).toBe(true);
    });

    test("a session that went to another subject is ended by that one, under its handle", async () => {
      const { id, session } = await created(rpc, { subject: "ada" });
      const { sessionId } = await rpc.sessions.rotate({ sessionId: id, subject: "bob" });
      const which = one(session.handle);
      expect(await failureOf(end({ subject: "ada", which }))).toEqual(notFound);
      expect(await opens(rpc, sessionId)).toBe(true);
      expect(await end({ subject: "bob", which })).toMatchObject({ deletedCount: 1 });
      expect(await opens(rpc, sessionId)).toBe(false);
    });

    test("every id of an ended session is dead, those in their grace too", async () => {
      const { id, session } = await created(rpc, { subject: "ada" });
      const ids = [id];
      for (let turn = 0; turn < 3; turn++) {
        const { sessionId } = await rpc.sessions.rotate({ sessionId: ids.at(-1) ?? "" });
        ids.push(sessionId);
      }
      const of = (names: readonly string[]) => names.map((each) => ({ id: each }));
      expect(await live(of(ids))).toEqual([true, true, true, true]);
      await end({ subject: "ada", which: one(session.handle) });
      expect(await live(of(ids))).toEqual([false, false, false, false]);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
    });

    test("five hundred sessions, ids in their grace with them, end in one commit; a repeat says so again", async () => {
      const policy = { subjectSessionsMax: 500 };
      const sessions = [];
      for (let at = 0; at < 500; at += 50)
        sessions.push(...(await many(50, { subject: "ada", policy })));
      const rotated: string[] = [];
      for (const { id } of sessions.slice(0, 20)) {
        rotated.push((await rpc.sessions.rotate({ sessionId: id })).sessionId);
      }
      const changes = await rpc.store.watch([{ start: "" as never, end: "\xff" as never }], "now");
      const request = { subject: "ada", which: all, requestId: "log out everywhere" };
      const first = await end(request);
      expect(first).toMatchObject({ deletedCount: 500 });
      const commits = [];
      for await (const { events } of changes.until(await headOf(rpc))) commits.push(events.length);
      expect(commits).toEqual([500]);
      expect((await rpc.sessions.list({})).sessions).toEqual([]);
      const ids = [...sessions.map(({ id }) => id), ...rotated];
      expect(new Set(await live(ids.map((id) => ({ id }))))).toEqual(new Set([false]));
      const later = await created(rpc, { subject: "ada" });
      let replayed: string | null = null;
      const onHeader = (headers: Headers) => {
        replayed = headers.get("tiffin-replayed");
      };
      expect(await rpc.sessions.deleteBySubject(request, { onHeader })).toEqual(first);
      expect(replayed).toBe("true");
      expect(await opens(rpc, later.id)).toBe(true);
      const different = { ...request, which: one(later.session.handle) };
      expect(await failureOf(end(different))).toMatchObject({
        code: Code.InvalidArgument,
        reason: "REQUEST_ID_REUSED",
      });
    });

    test("of more sessions than a commit ends, as imports may bring, all end nevertheless", async () => {
      const kept = await created(rpc, { subject: "ada" });
      await bring(rpc.store, 2200);
      const which = allBut(kept.session.handle);
      const request = { subject: "ada", which, requestId: "others" };
      expect(await end(request)).toMatchObject({ deletedCount: 2200 });
      expect(await opens(rpc, kept.id)).toBe(true);
      await bring(rpc.store, 1100);
      expect(await end(request)).toMatchObject({ deletedCount: 2200 });
      expect((await rpc.sessions.listBySubject({ subject: "ada" })).nextPageToken).not.toBe("");
      expect(await end({ subject: "ada", which: all })).toMatchObject({ deletedCount: 1101 });
      expect((await rpc.sessions.list({})).sessions).toEqual([]);
    });

    test("a request id is the tenant's, and forgotten with it", async () => {
      const other = { headers: { "tiffin-tenant": "other" } };
      const request = { subject: "ada", which: all, requestId: "once" };
      await rpc.tenants.create({ tenant: { name: "other" } });
      for (const tenant of ["default", "other"]) await created(rpc, { subject: "ada" }, tenant);
      expect(await end(request)).toMatchObject({ deletedCount: 1 });
      expect(await rpc.sessions.deleteBySubject(request, other)).toMatchObject({ deletedCount: 1 });
      await rpc.tenants.delete({ name: "other" });
      expect(await failureOf(rpc.sessions.deleteBySubject(request, other))).toMatchObject({
        reason: "TENANT_NOT_FOUND",
      });
      await rpc.tenants.create({ tenant: { name: "other" } });
      for (let at = 0; at < 2; at++) await created(rpc, { subject: "ada" }, "other");
      expect(await rpc.sessions.deleteBySubject(request, other)).toMatchObject({ deletedCount: 2 });
    });

    test("which to end is said, and whose", async () => {
      const refused = { code: Code.InvalidArgument, reason: "INVALID_FIELD" };
      await created(rpc, { subject: "ada" });
      const requests: EndInit[] = [
        { subject: "ada" },
        { which: all },
        { subject: "ada", which: one("") },
        { subject: "ada", which: allBut("") },
        { subject: "ada", which: one("x".repeat(65)) },
        { subject: "ada", which: { case: "all", value: false } },
        { subject: "s".repeat(513), which: all },
        { subject: "ada", which: all, requestId: "ü" },
      ];
      for (const request of requests) expect(await failureOf(end(request))).toMatchObject(refused);
      expect((await rpc.sessions.list({})).sessions).toHaveLength(1);
    });

    test("sessions created while all end are ended too, or left whole", async () => {
      const before = await many(20, { subject: "ada" });
      const calls = Array.from({ length: 20 }, () => created(rpc, { subject: "ada" }));
      const ended = await settle(rpc.clock, end({ subject: "ada", which: all }));
      const during = await settle(rpc.clock, Promise.all(calls));
      expect(new Set(await live(before))).toEqual(new Set([false]));
      const left = (await live(during)).filter(Boolean).length;
      expect(left).toBe(40 - ended.deletedCount);
      expect((await rpc.sessions.list({})).sessions).toHaveLength(left);
      await expectSound(rpc.store);
    });

    test("all sessions of the tenant end page by page, each page in one commit", async () => {
      const other = { headers: { "tiffin-tenant": "other" } };
      await rpc.tenants.create({ tenant: { name: "other" } });
      const kept = await created(rpc, { subject: "ada" }, "other");
      const sessions = [];
      for (const name of ["ada", "bob", "", "zoe"])
        sessions.push(...(await many(5, { subject: name })));
      const counts: number[] = [];
      let pageToken = "";
      do {
        const before = await headOf(rpc);
        const watch = await rpc.store.watch([{ start: "" as never, end: "\xff" as never }], before);
        const answer = await rpc.sessions.deleteAll({ pageSize: 7, pageToken });
        const commits = [];
        for await (const { events } of watch.until(await headOf(rpc))) commits.push(events.length);
        expect(commits).toEqual([answer.deletedCount]);
        counts.push(answer.deletedCount);
        pageToken = answer.nextPageToken;
      } while (pageToken !== "");
      expect(counts).toEqual([7, 7, 6]);
      expect(new Set(await live(sessions))).toEqual(new Set([false]));
      const { session } = await rpc.sessions.get({ sessionId: kept.id }, other);
      expect(session?.handle).toBe(kept.session.handle);
      expect(await rpc.sessions.deleteAll({})).toMatchObject({
        deletedCount: 0,
        nextPageToken: "",
      });
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 1 });
    });

    test("a page ends four hundred sessions at most", async () => {
      const policy = { subjectSessionsMax: 500 };
      for (let at = 0; at < 450; at += 50) await many(50, { subject: "ada", policy });
      const first = await rpc.sessions.deleteAll({ pageSize: 1000 });
      expect(first.deletedCount).toBe(400);
      const { nextPageToken: pageToken } = first;
      const second = await rpc.sessions.deleteAll({ pageToken });
      expect(second).toMatchObject({ deletedCount: 50, nextPageToken: "" });
    });

    test("a page that is ended while others come, change and log in ends all that stay in it", async () => {
      const before = await many(30, { subject: "ada" });
      const ids = before.map(({ id }) => id);
      const touched = ids.slice(0, 10).map((sessionId) => rpc.sessions.touch({ sessionId }));
      const changed = ids.slice(10, 20).map((sessionId) => {
        const change = { case: "replace", value: { a: 1 } } as const;
        return rpc.sessions.update({ sessionId, change });
      });
      const moved = ids
        .slice(20)
        .map((sessionId) => rpc.sessions.rotate({ sessionId, subject: "" }));
      const later = Array.from({ length: 30 }, () => created(rpc, { subject: "bob" }));
      const others = Promise.allSettled([...touched, ...changed, ...moved, ...later]);
      const ended = await settle(rpc.clock, rpc.sessions.deleteAll({ pageSize: 400 }));
      await settle(rpc.clock, others);
      expect(new Set(await live(before))).toEqual(new Set([false]));
      const left = (await rpc.sessions.list({})).sessions;
      expect(left.filter((session) => session.subject === "ada")).toEqual([]);
      expect(ended.deletedCount + left.length).toBe(60);
      await expectSound(rpc.store);
    });

    test("sessions that come while all end are left, and those that go are not counted", async () => {
      const before = await many(10, { subject: "bob" });
      const first = await rpc.sessions.deleteAll({ pageSize: 4 });
      const early = await created(rpc, { subject: "ada" });
      const gone = await rpc.sessions.listBySubject({ subject: "bob", pageSize: 1 });
      const which = one(gone.sessions[0]?.handle ?? "");
      await end({ subject: "bob", which });
      const { nextPageToken: pageToken } = first;
      const second = await rpc.sessions.deleteAll({ pageToken });
      expect(second).toMatchObject({ deletedCount: 5, nextPageToken: "" });
      expect(new Set(await live(before))).toEqual(new Set([false]));
      expect(await opens(rpc, early.id)).toBe(true);
    });
  });
}
