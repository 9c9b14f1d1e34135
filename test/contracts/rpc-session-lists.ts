import { inspect } from "node:util";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import { durationOf, failureOf, msOf } from "./rpc-messages.ts";
import { type CreateInit, created, exact, peeked, sweep } from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

type PageInit = Parameters<RpcSubject["sessions"]["list"]>[0];

export function describeSessionLists(subject: RpcUnderTest): void {
  describe("ListBySubject and List", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const many = (count: number, request: CreateInit) =>
      Promise.all(Array.from({ length: count }, () => created(rpc, request)));
    const place = ({ subject, handle }: Session): string => `${subject} ${handle}`;
    const inOrder = (sessions: readonly Session[]): Session[] =>
      sessions.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));

    /** All pages of such a size: of the subject, or of all. */
    async function listed(of: string | undefined, pageSize = 0): Promise<Session[]> {
      const found: Session[] = [];
      let pageToken = "";
      do {
        const page = { pageSize, pageToken };
        const { sessions, nextPageToken } = await (of === undefined
          ? rpc.sessions.list(page)
          : rpc.sessions.listBySubject({ subject: of, ...page }));
        if (pageSize > 0) expect(sessions.length).toBeLessThanOrEqual(pageSize);
        found.push(...sessions);
        pageToken = nextPageToken;
      } while (pageToken !== "");
      return found;
    }

    test("a subject's sessions are listed by handle, all by subject and handle, as their users see them", async () => {
      expect(await listed("ada")).toEqual([]);
      expect(await listed(undefined)).toEqual([]);
      const ada = await many(3, { subject: "ada", data: { a: [1, null, "x"] }, policy: exact });
      // Names that some other store would take for a part of another, or the end of one.
      const others = ["ad", "ada\u0000", "adab", "ada/b", "\u{1f600}", ""];
      const rest = [];
      for (const name of others) rest.push(await created(rpc, { subject: name }));
      rpc.clock.advance(1000);
      await rpc.sessions.touch({ sessionId: ada[0]?.id ?? "" });
      const seen = await Promise.all(ada.map(({ id }) => peeked(rpc, id)));
      expect(await listed("ada")).toEqual(inOrder(seen));
      expect(await listed("ada\u0000")).toEqual([rest[1]?.session]);
      expect(await listed("a")).toEqual([]);
      const bySubject = await listed(undefined);
      expect(bySubject.map(place).toSorted()).toEqual(
        [...seen, ...rest.map(({ session }) => session)].map(place).toSorted(),
      );
      const subjects = [...new Set(bySubject.map((session) => session.subject))];
      const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(subjects).toEqual(["ada", ...others].sort(byBytes));
    });

    test("nothing in a listed session opens it", async () => {
      const { id, session } = await created(rpc, { subject: "ada" });
      const { sessions } = await rpc.sessions.listBySubject({ subject: "ada" });
      expect(sessions).toHaveLength(1);
      expect(inspect(sessions, { depth: Infinity })).not.toContain(id);
      expect(await failureOf(rpc.sessions.get({ sessionId: session.handle }))).toMatchObject({
        reason: "SESSION_NOT_FOUND",
      });
    });

    test("pages of any size hold every session once, and none twice", async () => {
      const ada = (await many(11, { subject: "ada" })).map(({ session }) => session);
      const bob = (await many(6, { subject: "bob" })).map(({ session }) => session);
      for (const pageSize of [1, 2, 5, 10, 11, 12, 2_000_000]) {
        expect(await listed("ada", pageSize)).toEqual(inOrder(ada));
        expect(await listed(undefined, pageSize)).toEqual([...inOrder(ada), ...inOrder(bob)]);
      }
    });

    test("a page is a hundred sessions unless asked for another size", async () => {
      await many(101, { subject: "ada", policy: { subjectSessionsMax: 500 } });
      for (const page of [rpc.sessions.list({}), rpc.sessions.listBySubject({ subject: "ada" })]) {
        const { sessions, nextPageToken } = await page;
        expect(sessions).toHaveLength(100);
        expect(nextPageToken).not.toBe("");
      }
    });

    test("sessions that come and go between pages do not disturb the others", async () => {
      const before = inOrder((await many(6, { subject: "ada" })).map(({ session }) => session));
      const first = await rpc.sessions.listBySubject({ subject: "ada", pageSize: 2 });
      const ended = [before[1], before[2]].map((session) => session?.handle ?? "");
      for (const value of ended) {
        const which = { case: "handle" as const, value };
        await rpc.sessions.deleteBySubject({ subject: "ada", which });
      }
      const later = (await many(4, { subject: "ada" })).map(({ session }) => session.handle);
      const rest: string[] = [];
      for (let pageToken = first.nextPageToken; pageToken !== ""; ) {
        const page = await rpc.sessions.listBySubject({ subject: "ada", pageSize: 2, pageToken });
        rest.push(...page.sessions.map(({ handle }) => handle));
        pageToken = page.nextPageToken;
      }
      expect(first.sessions).toEqual(before.slice(0, 2));
      expect(rest.filter((handle) => !later.includes(handle))).toEqual(
        before.slice(3).map(({ handle }) => handle),
      );
      expect(new Set(rest).size).toBe(rest.length);
    });

    test("a session is listed to its last millisecond and not after, swept or not", async () => {
      const policies = [
        { policy: { idleTimeout: durationOf(1000), ...exact }, ends: 1000 },
        { policy: { absoluteTimeout: durationOf(1500), ...exact }, ends: 1500 },
        { policy: { idleTimeout: durationOf(2000), touchInterval: durationOf(200) }, ends: 2200 },
      ];
      const handles: string[] = [];
      for (const { policy } of policies) {
        handles.push((await created(rpc, { subject: "ada", policy })).session.handle);
      }
      const begin = rpc.clock.now();
      const shows = async (live: readonly string[]): Promise<void> => {
        for (const name of ["ada", undefined]) {
          expect((await listed(name)).map(({ handle }) => handle)).toEqual(live.toSorted());
        }
      };
      for (const [at, { ends }] of policies.entries()) {
        rpc.clock.advance(begin + ends - 1 - rpc.clock.now());
        await shows(handles.slice(at));
        rpc.clock.advance(1);
        await shows(handles.slice(at + 1));
        rpc.clock.advance(1);
        await shows(handles.slice(at + 1));
        await sweep(rpc);
        await shows(handles.slice(at + 1));
      }
    });

    test("a touched session is listed for as long as it opens, with its new times", async () => {
      const policy = { idleTimeout: durationOf(1000), ...exact };
      const { id } = await created(rpc, { subject: "ada", policy });
      rpc.clock.advance(999);
      await rpc.sessions.touch({ sessionId: id });
      const touched = rpc.clock.now();
      rpc.clock.advance(999);
      const [session] = await listed("ada");
      expect(msOf(session?.lastActiveTime)).toBe(touched);
      expect(msOf(session?.idleExpireTime)).toBe(touched + 1000);
      rpc.clock.advance(1);
      expect(await listed("ada")).toEqual([]);
    });

    test("a page ends at a mebibyte, and all of it is listed nevertheless", async () => {
      // As a message a number takes several times what it takes as JSON.
      const data = { numbers: Array.from({ length: 30_000 }, () => 1) };
      const sessions = (await many(8, { subject: "ada", data })).map(({ session }) => session);
      const first = await rpc.sessions.list({});
      expect(first.sessions.length).toBeLessThan(8);
      expect(first.sessions.length).toBeGreaterThan(0);
      expect(await listed(undefined)).toEqual(inOrder(sessions));
      expect(await listed("ada")).toEqual(inOrder(sessions));
    });

    test("sessions that have expired and are not swept yet do not end a list early", async () => {
      await rpc.close();
      rpc = await subject.open({ storeLimits: { pageRecords: 10 } });
      const short = { subject: "ada", policy: { idleTimeout: durationOf(1000), ...exact } };
      await many(60, short);
      const { session } = await created(rpc, { subject: "ada" });
      const { session: last } = await created(rpc, { subject: "bob" });
      rpc.clock.advance(1000);
      const expected = [session.handle, last.handle];
      expect((await listed("ada", 5)).map(({ handle }) => handle)).toEqual([session.handle]);
      expect((await listed(undefined, 5)).map(({ handle }) => handle)).toEqual(expected);
    });

    test("a page token of another query, another tenant, or one that was altered is refused", async () => {
      await rpc.tenants.create({ tenant: { name: "other" } });
      await many(3, { subject: "ada" });
      await many(3, { subject: "bob" });
      const all = await rpc.sessions.list({ pageSize: 1 });
      const ada = await rpc.sessions.listBySubject({ subject: "ada", pageSize: 1 });
      const deletion = await rpc.sessions.deleteAll({ pageSize: 1 });
      const failure = {
        code: Code.InvalidArgument,
        reason: "PAGE_TOKEN_INVALID",
        fields: ["page_token"],
      };
      const list = ({ pageToken = "" }: PageInit) => rpc.sessions.list({ pageToken });
      const of = (name: string, pageToken: string) =>
        rpc.sessions.listBySubject({ subject: name, pageToken });
      const headers = { "tiffin-tenant": "other" };
      const refused = [
        list({ pageToken: `${all.nextPageToken}A` }),
        list({ pageToken: all.nextPageToken.slice(0, -2) }),
        list({ pageToken: ada.nextPageToken }),
        list({ pageToken: deletion.nextPageToken }),
        of("ada", all.nextPageToken),
        of("bob", ada.nextPageToken),
        rpc.sessions.deleteAll({ pageToken: all.nextPageToken }),
        rpc.sessions.list({ pageToken: all.nextPageToken }, { headers }),
        rpc.kv.list({ pageToken: all.nextPageToken }),
      ];
      for (const call of refused) expect(await failureOf(call)).toMatchObject(failure);
      expect((await of("ada", ada.nextPageToken)).sessions.length).toBeGreaterThan(0);
      expect((await list({ pageToken: all.nextPageToken })).sessions.length).toBeGreaterThan(0);
    });

    test("a tenant that is not there is not found, and another's sessions are not listed", async () => {
      const other = { headers: { "tiffin-tenant": "other" } };
      const failure = { code: Code.NotFound, reason: "TENANT_NOT_FOUND" };
      await many(2, { subject: "ada" });
      expect(await failureOf(rpc.sessions.list({}, other))).toMatchObject(failure);
      const bySubject = rpc.sessions.listBySubject({ subject: "ada" }, other);
      expect(await failureOf(bySubject)).toMatchObject(failure);
      await rpc.tenants.create({ tenant: { name: "other" } });
      expect((await rpc.sessions.list({}, other)).sessions).toEqual([]);
      const { sessions } = await rpc.sessions.listBySubject({ subject: "ada" }, other);
      expect(sessions).toEqual([]);
    });

    test("nobody's sessions are no subject's", async () => {
      expect(await failureOf(rpc.sessions.listBySubject({ subject: "" }))).toMatchObject({
        code: Code.InvalidArgument,
        reason: "INVALID_FIELD",
        fields: ["subject"],
      });
      const long = rpc.sessions.listBySubject({ subject: "s".repeat(513) });
      expect(await failureOf(long)).toMatchObject({ reason: "INVALID_FIELD", fields: ["subject"] });
    });
  });
}
