import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { durationOf, failureOf, msOf } from "./rpc-messages.ts";
import {
  alreadyRotated,
  created,
  exact,
  expectSound,
  headOf,
  notFound,
  opens,
  peeked,
  recordsOf,
  storedRecords,
  sweep,
  timesOf,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionRotation(subject: RpcUnderTest): void {
  describe("rotating the id of a session", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(async () => {
      await expectSound(rpc.store);
      await rpc.close();
    });

    const ms = durationOf;
    const isOpen = (id: string) => opens(rpc, id);
    /** Rotates, and answers the new id. */
    const rotated = async (sessionId: string, graceMs?: number): Promise<string> =>
      (
        await rpc.sessions.rotate({
          sessionId,
          ...(graceMs !== undefined && { grace: ms(graceMs) }),
        })
      ).sessionId;
    /** Which of the ids open something. */
    const openOf = async (ids: readonly string[]): Promise<boolean[]> =>
      Promise.all(ids.map((id) => isOpen(id)));

    test("both ids act on the one session until the grace is over, and one from then on", async () => {
      const { clock } = rpc;
      const { id: old, session } = await created(rpc, { subject: "ada", policy: exact });
      clock.advance(1000);
      const answer = await rpc.sessions.rotate({ sessionId: old });
      const { sessionId } = answer;
      const until = clock.now() + 10_000;
      expect(sessionId).toMatch(/^[\w-]{43}$/);
      expect(sessionId).not.toBe(old);
      expect(msOf(answer.oldIdExpireTime)).toBe(until);
      expect(answer.session).toEqual(await peeked(rpc, sessionId));
      expect(answer.session).toMatchObject({ handle: session.handle, version: session.version });
      clock.advance(9998);
      const change = { case: "mergePatch", value: { by: "old" } } as const;
      await rpc.sessions.update({ sessionId: old, change });
      expect((await peeked(rpc, sessionId)).data).toEqual({ by: "old" });
      clock.advance(1);
      for (const id of [old, sessionId]) {
        const idUntil = id === old ? until : undefined;
        const got = await rpc.sessions.get({ sessionId: id });
        const touched = await rpc.sessions.touch({ sessionId: id });
        const seen = await rpc.sessions.get({ sessionId: id, peek: true });
        for (const { idExpireTime } of [got, touched, seen])
          expect(msOf(idExpireTime)).toBe(idUntil);
        expect(got.session).toEqual(await peeked(rpc, sessionId));
        expect(timesOf(got.session).used).toBe(clock.now());
      }
      clock.advance(1);
      expect(await failureOf(rpc.sessions.get({ sessionId: old }))).toEqual(notFound);
      expect(await failureOf(rpc.sessions.rotate({ sessionId: old }))).toEqual(notFound);
      expect(await isOpen(sessionId)).toBe(true);
      await sweep(rpc);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 1 });
    });

    test("the grace is what was asked, to the millisecond and rounded up, and a minute at most", async () => {
      const { clock } = rpc;
      for (const [grace, graceMs] of [
        [ms(1), 1],
        [{ nanos: 1 }, 1],
        [ms(60_000), 60_000],
      ] as const) {
        const { id: old } = await created(rpc);
        const answer = await rpc.sessions.rotate({ sessionId: old, grace });
        expect(msOf(answer.oldIdExpireTime)).toBe(clock.now() + graceMs);
        clock.advance(graceMs - 1);
        expect(await isOpen(old)).toBe(true);
        clock.advance(1);
        expect(await openOf([old, answer.sessionId])).toEqual([false, true]);
      }
      const { id: sessionId } = await created(rpc);
      const before = await headOf(rpc);
      for (const grace of [ms(60_001), { seconds: 60n, nanos: 1 }, ms(-1)]) {
        expect(await failureOf(rpc.sessions.rotate({ sessionId, grace }))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: ["grace"],
        });
      }
      expect([await isOpen(sessionId), await headOf(rpc)]).toEqual([true, before]);
    });

    test("without a grace every id from before dies at once, those in an earlier grace too", async () => {
      const { id: first } = await created(rpc);
      const second = await rotated(first, 60_000);
      expect(await openOf([first, second])).toEqual([true, true]);
      const answer = await rpc.sessions.rotate({ sessionId: second, grace: ms(0) });
      expect(answer.oldIdExpireTime).toBeUndefined();
      expect(await openOf([first, second, answer.sessionId])).toEqual([false, false, true]);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 1 });
    });

    test("an id in its grace cannot be rotated, and the session is untouched by the attempt", async () => {
      const { id: old } = await created(rpc, { policy: exact });
      const sessionId = await rotated(old);
      rpc.clock.advance(5000);
      const before = [await headOf(rpc), await peeked(rpc, sessionId)];
      for (const request of [{}, { grace: ms(0) }, { subject: "eve" }, { mergePatch: { a: 1 } }]) {
        const call = rpc.sessions.rotate({ sessionId: old, ...request });
        expect(await failureOf(call)).toEqual(alreadyRotated);
      }
      expect([await headOf(rpc), await peeked(rpc, sessionId)]).toEqual(before);
      expect(await openOf([old, sessionId])).toEqual([true, true]);
    });

    test("of parallel rotations one gives the new id, and the others are told that it was rotated", async () => {
      const { id: old } = await created(rpc);
      const answers = await Promise.allSettled(
        Array.from({ length: 16 }, () => rpc.sessions.rotate({ sessionId: old })),
      );
      const given = answers.flatMap((each) =>
        each.status === "fulfilled" ? [each.value.sessionId] : [],
      );
      expect(given).toHaveLength(1);
      for (const each of answers) {
        if (each.status === "fulfilled") continue;
        expect(await failureOf(Promise.reject(each.reason))).toEqual(alreadyRotated);
      }
      rpc.clock.advance(10_000);
      expect(await openOf([old, ...given])).toEqual([false, true]);
    });

    test("more than four rotations within one grace end the oldest ids early, and the newest never", async () => {
      const { id } = await created(rpc);
      const ids = [id];
      for (let each = 0; each < 7; each++) ids.push(await rotated(ids.at(-1) ?? "", 60_000));
      expect(await openOf(ids)).toEqual([false, false, false, true, true, true, true, true]);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 5 });
      rpc.clock.advance(59_999);
      expect((await openOf(ids)).filter(Boolean)).toHaveLength(5);
      rpc.clock.advance(1);
      expect((await openOf(ids)).filter(Boolean)).toHaveLength(1);
      expect(await isOpen(ids.at(-1) ?? "")).toBe(true);
    });

    test("a short grace after a long one leaves each id its own", async () => {
      const { clock } = rpc;
      const { id: first } = await created(rpc);
      const second = await rotated(first, 1000);
      const third = await rotated(second, 10);
      clock.advance(9);
      expect(await openOf([first, second, third])).toEqual([true, true, true]);
      clock.advance(1);
      expect(await openOf([first, second, third])).toEqual([true, false, true]);
      clock.advance(990);
      expect(await openOf([first, second, third])).toEqual([false, false, true]);
    });

    test("an old id does not outlive its session, however long its grace", async () => {
      const { clock } = rpc;
      const policy = { ...exact, idleTimeout: ms(1000), absoluteTimeout: ms(3000) };
      const { id: old } = await created(rpc, { policy });
      const answer = await rpc.sessions.rotate({ sessionId: old, grace: ms(60_000) });
      await expectSound(rpc.store);
      clock.advance(999);
      await rpc.sessions.touch({ sessionId: old });
      await expectSound(rpc.store);
      clock.advance(999);
      expect(await openOf([old, answer.sessionId])).toEqual([true, true]);
      clock.advance(1);
      expect(await openOf([old, answer.sessionId])).toEqual([false, false]);
      expect(await recordsOf(rpc.store, "session-id")).toEqual([]);
    });

    test("an old id is not said to open the session for longer than that can last", async () => {
      const { clock } = rpc;
      const { id: old } = await created(rpc, { policy: { absoluteTimeout: ms(3000) } });
      const end = clock.now() + 3000;
      clock.advance(1000);
      const answer = await rpc.sessions.rotate({ sessionId: old, grace: ms(60_000) });
      expect(msOf(answer.oldIdExpireTime)).toBe(end);
      const { idExpireTime } = await rpc.sessions.get({ sessionId: old });
      expect(msOf(idExpireTime)).toBe(end);
    });

    test("logging out by either id ends the session and both ids", async () => {
      for (const which of [0, 1]) {
        const { id: old } = await created(rpc);
        const ids = [old, await rotated(old)];
        await rpc.sessions.delete({ sessionId: ids[which] ?? "" });
        expect(await openOf(ids)).toEqual([false, false]);
        expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
      }
    });

    test("data merged while rotating is a new version, in the one commit", async () => {
      const { id, session } = await created(rpc, { data: { a: 1 } });
      const answer = await rpc.sessions.rotate({ sessionId: id, mergePatch: { b: 2 } });
      expect(answer.session?.data).toEqual({ a: 1, b: 2 });
      expect(answer.session?.version).toBeGreaterThan(session.version);
      expect((await peeked(rpc, answer.sessionId)).version).toBe(answer.session?.version);
    });
  });
}
