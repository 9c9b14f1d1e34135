import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AtLimit } from "#gen/tiffin/session/v1/session_pb.ts";
import { partsOf } from "../../src/store/key.ts";
import { durationOf, failureOf } from "./rpc-messages.ts";
import {
  created,
  exact,
  expectSound,
  headOf,
  opens,
  peeked,
  recordsOf,
  storedRecords,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionLimits(subject: RpcUnderTest): void {
  describe("how many sessions a subject has", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(async () => {
      await expectSound(rpc.store);
      await rpc.close();
    });

    const refuse = AtLimit.REFUSE;
    /** A session of the subject, a millisecond after the one before. Answers its id. */
    const sessionOf = async (whose: string, max: number, atLimit?: AtLimit): Promise<string> => {
      rpc.clock.advance(1);
      const policy = { subjectSessionsMax: max, ...(atLimit !== undefined && { atLimit }) };
      return (await created(rpc, { subject: whose, policy })).id;
    };
    const login = async (sessionId: string, whose: string): Promise<string> =>
      (await rpc.sessions.rotate({ sessionId, subject: whose })).sessionId;
    const openOf = (ids: readonly string[]): Promise<boolean[]> =>
      Promise.all(ids.map((id) => opens(rpc, id)));
    const liveOf = async (whose: string): Promise<number> => {
      const records = await recordsOf(rpc.store, "session");
      return records.filter(({ key }) => partsOf(key)[2] === whose).length;
    };
    const limitExceeded = (max: number, actual: number) => ({
      code: Code.ResourceExhausted,
      reason: "LIMIT_EXCEEDED",
      metadata: { limit: "sessions of the subject", max: `${max}`, actual: `${actual}` },
      fields: [],
    });

    test.each([undefined, AtLimit.UNSPECIFIED, AtLimit.END_OLDEST])(
      "at the limit the oldest ends, with its ids (%s)",
      async (atLimit) => {
        const ids: string[] = [];
        for (let each = 0; each < 4; each++) ids.push(await sessionOf("ada", 2, atLimit));
        expect(await openOf(ids)).toEqual([false, false, true, true]);
        expect(await storedRecords(rpc.store)).toEqual({ sessions: 2, finders: 2 });
      },
    );

    test("at the limit a session is refused, if the policy says so, and nothing changes", async () => {
      const ids = [await sessionOf("ada", 2, refuse), await sessionOf("ada", 2, refuse)];
      const before = await headOf(rpc);
      expect(await failureOf(sessionOf("ada", 2, refuse))).toEqual(limitExceeded(2, 3));
      expect(await headOf(rpc)).toBe(before);
      expect(await openOf(ids)).toEqual([true, true]);
      await rpc.sessions.delete({ sessionId: ids[0] ?? "" });
      expect(await opens(rpc, await sessionOf("ada", 2, refuse))).toBe(true);
    });

    test("what has expired does not count, swept or not", async () => {
      const policy = { ...exact, idleTimeout: durationOf(1000), subjectSessionsMax: 1 };
      const request = { subject: "ada", policy: { ...policy, atLimit: refuse } };
      await created(rpc, request);
      rpc.clock.advance(999);
      expect(await failureOf(created(rpc, request))).toEqual(limitExceeded(1, 2));
      rpc.clock.advance(1);
      expect(await opens(rpc, (await created(rpc, request)).id)).toBe(true);
    });

    test("nobody's sessions are not limited, nor are those of others, or of another tenant", async () => {
      await rpc.tenants.create({ tenant: { name: "acme" } });
      const ids: string[] = [];
      for (const whose of ["", "", "", "ada", "bob", "ad", "ada\0"]) {
        ids.push(await sessionOf(whose, 1, refuse));
      }
      const policy = { subjectSessionsMax: 1, atLimit: refuse };
      await created(rpc, { subject: "ada", policy }, "acme");
      expect(await openOf(ids)).toEqual(ids.map(() => true));
    });

    test("a login makes room by ending the oldest, in its own commit", async () => {
      const ids = [await sessionOf("ada", 2), await sessionOf("ada", 2)];
      const anonymous = await sessionOf("", 2);
      const sessionId = await login(anonymous, "ada");
      expect(await openOf([...ids, anonymous, sessionId])).toEqual([false, true, false, true]);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 2, finders: 2 });
    });

    test("a login that is refused leaves the session, its id and its data as they were", async () => {
      await sessionOf("ada", 1, refuse);
      const sessionId = await sessionOf("", 1, refuse);
      const before = [await headOf(rpc), await peeked(rpc, sessionId)];
      const call = rpc.sessions.rotate({ sessionId, subject: "ada", mergePatch: { a: 1 } });
      expect(await failureOf(call)).toEqual(limitExceeded(1, 2));
      expect([await headOf(rpc), await peeked(rpc, sessionId)]).toEqual(before);
    });

    test("the oldest is the one created first, even if it logged in last", async () => {
      const early = await sessionOf("", 2);
      const middle = await sessionOf("ada", 2);
      const loggedIn = await login(early, "ada");
      const late = await sessionOf("ada", 2);
      expect(await openOf([loggedIn, middle, late])).toEqual([false, true, true]);
    });

    test("a session does not count against itself when it logs in again", async () => {
      for (const atLimit of [refuse, AtLimit.END_OLDEST]) {
        const whose = `ada${atLimit}`;
        const [first, second] = [
          await sessionOf(whose, 2, atLimit),
          await sessionOf(whose, 2, atLimit),
        ];
        const again = await login(first, whose);
        expect(await openOf([first, again, second])).toEqual([false, true, true]);
      }
    });

    test("a session that leaves its subject makes room there", async () => {
      const first = await sessionOf("ada", 1, refuse);
      const moved = await login(first, "bob");
      expect(await openOf([await sessionOf("ada", 1, refuse), moved])).toEqual([true, true]);
    });

    test("a newer policy with a lower limit ends as many as it takes", async () => {
      const ids: string[] = [];
      for (let each = 0; each < 6; each++) ids.push(await sessionOf("ada", 10));
      const newest = await sessionOf("ada", 2);
      expect(await openOf([...ids, newest])).toEqual([...ids.map((_, at) => at === 5), true]);
    });

    test("sessions ended at the limit end with ids that are in their grace", async () => {
      const first = await sessionOf("ada", 1);
      const { sessionId } = await rpc.sessions.rotate({ sessionId: first });
      const next = await sessionOf("ada", 1);
      expect(await openOf([first, sessionId, next])).toEqual([false, false, true]);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 1 });
    });

    test.each([
      ["created", async () => sessionOf("ada", 3)],
      ["logging in", async () => login(await sessionOf("", 3), "ada")],
    ] as const)("of many %s at once no more stay than may", async (_, open) => {
      const opened = await Promise.all(Array.from({ length: 24 }, open));
      expect((await openOf(opened)).filter(Boolean)).toHaveLength(3);
      expect(await liveOf("ada")).toBe(3);
    });

    test.each([
      ["created", async () => sessionOf("ada", 3, refuse)],
      ["logging in", async () => login(await sessionOf("", 3, refuse), "ada")],
    ] as const)("of many %s at once as many as may be are not refused", async (_, open) => {
      const opened = await Promise.allSettled(Array.from({ length: 24 }, open));
      expect(opened.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
      for (const each of opened) {
        if (each.status === "fulfilled") continue;
        expect(await failureOf(Promise.reject(each.reason))).toEqual(limitExceeded(3, 4));
      }
      expect(await liveOf("ada")).toBe(3);
    });
  });
}
