import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ImportOutcome, WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { exported, imported } from "./rpc-admin-parts.ts";
import { durationOf, failureOf } from "./rpc-messages.ts";
import {
  created,
  exact,
  expectSound,
  opens,
  peeked,
  recordsOf,
  timesOf,
} from "./rpc-session-parts.ts";
import { SessionWatches, tell } from "./rpc-session-watch-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionMoving(subject: RpcUnderTest): void {
  describe.each(["to a memory store", "from a memory store"])("moving sessions %s", (direction) => {
    let from: RpcSubject;
    let to: RpcSubject;
    beforeEach(async () => {
      const own = await subject.open();
      const memory = await subject.open({ clock: own.clock, storeUrl: "memory:" });
      [from, to] = direction.startsWith("to") ? [own, memory] : [memory, own];
    });
    afterEach(async () => {
      await from.close();
      await to.close();
    });

    const listed = async ({ sessions }: RpcSubject): Promise<Session[]> =>
      (await sessions.list({ pageSize: 1000 })).sessions;

    /** Sessions of every sort, and the ids that open them. */
    async function fill(rpc: RpcSubject): Promise<string[]> {
      const client = { ipAddress: "::1", userAgent: "\u{1f36a}", deviceName: "phone" };
      const policy = { ...exact, idleTimeout: durationOf(60_000) };
      const data = { a: [1, null, { b: "\u{1f600}" }] };
      const plain = await created(rpc, { subject: "ada", data, client, policy });
      const nobody = await created(rpc, { policy: { renewalInterval: durationOf(1000) } });
      const { sessionId: old } = await rpc.sessions.rotate({
        sessionId: nobody.id,
        subject: "a\u0000",
      });
      rpc.clock.advance(5000);
      const { sessionId } = await rpc.sessions.rotate({ sessionId: old });
      await rpc.sessions.touch({ sessionId: plain.id });
      const change = { case: "mergePatch", value: { c: 1 } } as const;
      await rpc.sessions.update({ sessionId: plain.id, change });
      return [plain.id, old, sessionId];
    }

    test("a session of a store whose clock is ahead is not used earlier than it was there", async () => {
      const clock = new ManualClock(from.clock.now() - 10_000);
      const behind = await subject.open({ clock, storeUrl: "memory:" });
      const { id } = await created(from, { policy: exact });
      await imported(behind, await exported(from));
      const before = timesOf(await peeked(behind, id));
      const change = { case: "replace", value: { a: 1 } } as const;
      const { session: updated } = await behind.sessions.update({ sessionId: id, change });
      const { session: rotated, sessionId } = await behind.sessions.rotate({ sessionId: id });
      for (const session of [updated, rotated, await peeked(behind, sessionId)]) {
        expect(timesOf(session)).toMatchObject({ used: before.used, idle: before.idle });
      }
      await behind.close();
    });

    test("handles, versions, times, data and every id are as they were", async () => {
      const ids = await fill(from);
      await imported(to, await exported(from));
      expect(await listed(to)).toEqual(await listed(from));
      for (const id of ids) expect(await peeked(to, id)).toEqual(await peeked(from, id));
      for (const space of ["session", "session-id"]) {
        expect(await recordsOf(to.store, space)).toHaveLength(space === "session" ? 2 : 3);
      }
      await expectSound(to.store);
      const { tenants } = await to.admin.stats({});
      const spaces = tenants[0]?.spaces.map(({ name, records }) => [name, records]);
      expect(spaces).toEqual([
        ["session", 2n],
        ["session-id", 3n],
      ]);
      expect(await to.admin.check({})).toMatchObject({ ok: true });
    });

    test("they end when they would have ended, their ids in grace too, and go on as any other", async () => {
      const [plain = "", old = "", current = ""] = await fill(from);
      const before = await peeked(from, plain);
      await imported(to, await exported(from));
      to.clock.advance(9999);
      expect(await opens(to, old)).toBe(true);
      to.clock.advance(1);
      expect(await opens(to, old)).toBe(false);
      to.clock.advance(49_999);
      expect(await opens(to, plain)).toBe(true);
      to.clock.advance(1);
      expect(await opens(to, plain)).toBe(false);
      const { sessionId } = await to.sessions.rotate({ sessionId: current, subject: "bob" });
      expect(await opens(to, current)).toBe(false);
      const change = { case: "replace", value: { moved: true } } as const;
      const { session } = await to.sessions.update({ sessionId, change });
      expect(session?.version).toBeGreaterThan(before.version);
      await expectSound(to.store);
    });

    test("into a tenant with sessions of its own they are merged, and watchers told", async () => {
      const [plain = "", , current = ""] = await fill(from);
      const own = await created(to, { subject: "ada" });
      const watches = new SessionWatches(to);
      const reader = await watches.opened();
      const { tenants } = await imported(to, await exported(from), WhenExists.KEEP);
      expect(tenants).toMatchObject([{ outcome: ImportOutcome.MERGED, writtenRecords: 5n }]);
      expect((await tell(reader, 2)).toSorted()).toEqual(["CREATED a\u0000", "CREATED ada"]);
      for (const id of [plain, current, own.id]) expect(await opens(to, id)).toBe(true);
      expect((await to.sessions.listBySubject({ subject: "ada" })).sessions).toHaveLength(2);
      await expectSound(to.store);
      // What was kept is as it was here: a session that went on here is not set back.
      await to.sessions.rotate({ sessionId: current, subject: "a\u0000" });
      const here = await listed(to);
      await imported(to, await exported(from), WhenExists.KEEP);
      expect(await opens(to, current)).toBe(false);
      expect(await listed(to)).toEqual(here);
      await watches.end();
    });

    test("a tenant with sessions is not empty", async () => {
      await fill(from);
      await created(to);
      expect(await failureOf(imported(to, await exported(from)))).toMatchObject({
        reason: "TENANT_NOT_EMPTY",
      });
    });
  });
}
