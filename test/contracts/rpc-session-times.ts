import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { durationOf, failureOf, msOf } from "./rpc-messages.ts";
import {
  created,
  exact,
  expectSound,
  headOf,
  hour,
  minute,
  notFound,
  opens,
  peeked,
  storedRecords,
  sweep,
  timesOf,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionTimes(subject: RpcUnderTest): void {
  describe("how long sessions live", () => {
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
    /** Every way of using a session that ends by itself. */
    const uses: readonly [string, (id: string) => Promise<string>][] = [
      ["Get", async (sessionId) => rpc.sessions.get({ sessionId }).then(() => sessionId)],
      ["Touch", async (sessionId) => rpc.sessions.touch({ sessionId }).then(() => sessionId)],
      [
        "Update",
        async (sessionId) => {
          await rpc.sessions.update({ sessionId, change: { case: "mergePatch", value: { a: 1 } } });
          return sessionId;
        },
      ],
      [
        "Rotate",
        async (sessionId) => (await rpc.sessions.rotate({ sessionId, grace: ms(0) })).sessionId,
      ],
      [
        "Rotate at a login",
        async (sessionId) => (await rpc.sessions.rotate({ sessionId, subject: "ada" })).sessionId,
      ],
    ];

    test.each(uses)(
      "without a touch interval it ends exactly at idle after its last %s",
      async (_, use) => {
        const { clock } = rpc;
        const { id: first } = await created(rpc, { policy: { ...exact, idleTimeout: ms(1000) } });
        clock.advance(999);
        const id = await use(first);
        expect(timesOf(await peeked(rpc, id))).toMatchObject({
          used: clock.now(),
          idle: clock.now() + 1000,
        });
        clock.advance(999);
        expect(await isOpen(id)).toBe(true);
        clock.advance(1);
        expect(await failureOf(use(id))).toEqual(notFound);
      },
    );

    test("unused it ends exactly at idle, and no use brings it back", async () => {
      const { id } = await created(rpc, { policy: { ...exact, idleTimeout: ms(1000) } });
      rpc.clock.advance(999);
      expect(await isOpen(id)).toBe(true);
      rpc.clock.advance(1);
      for (const [name, use] of uses) expect(await failureOf(use(id)), name).toEqual(notFound);
      expect(await isOpen(id)).toBe(false);
    });

    test("with a touch interval it ends between idle and that much more after its last use", async () => {
      const { clock } = rpc;
      const policy = { idleTimeout: ms(1000), touchInterval: ms(100) };
      const { id } = await created(rpc, { policy });
      const end = clock.now() + 1100;
      clock.advance(99);
      const unwritten = await rpc.sessions.touch({ sessionId: id });
      expect(msOf(unwritten.idleExpireTime)).toBe(end);
      expect(timesOf(await peeked(rpc, id)).used).toBe(end - 1100);
      // Last used at 99: idle is over at 1099, and it ends at 1100.
      clock.advance(1000);
      expect(await isOpen(id)).toBe(true);
      clock.advance(1);
      expect(await isOpen(id)).toBe(false);
    });

    test("a use is written down as soon as the interval has passed, and not before", async () => {
      const { clock } = rpc;
      const policy = { idleTimeout: ms(1000), touchInterval: ms(100) };
      const { id } = await created(rpc, { policy });
      for (const [name, use] of uses.slice(0, 2)) {
        clock.advance(99);
        const before = await headOf(rpc);
        await use(id);
        expect(await headOf(rpc), name).toBe(before);
        clock.advance(1);
        await use(id);
        expect(await headOf(rpc), name).toBeGreaterThan(before);
        expect(timesOf(await peeked(rpc, id))).toMatchObject({
          used: clock.now(),
          idle: clock.now() + 1100,
        });
      }
    });

    test("a busy session writes at most one touch an interval", async () => {
      const { clock } = rpc;
      const { id: sessionId } = await created(rpc);
      let [writes, last] = [0, await headOf(rpc)];
      const uses = 200;
      for (let use = 0; use < uses; use++) {
        clock.advance(50);
        await (use % 2 === 0 ? rpc.sessions.get({ sessionId }) : rpc.sessions.touch({ sessionId }));
        const head = await headOf(rpc);
        if (head !== last) writes++;
        last = head;
      }
      expect(writes).toBe((uses * 50) / 1000);
    });

    test("many uses at one moment are one touch", async () => {
      const { id: sessionId } = await created(rpc);
      rpc.clock.advance(1000);
      const before = await rpc.store.historySpan();
      const answers = await Promise.all(
        Array.from({ length: 32 }, () => rpc.sessions.touch({ sessionId })),
      );
      const ends = answers.map(({ idleExpireTime }) => msOf(idleExpireTime));
      expect(new Set(ends)).toEqual(new Set([rpc.clock.now() + 30 * minute + 1000]));
      // A revision is at least one above the last: of one commit at this moment it is this.
      expect(await headOf(rpc)).toBe(Math.max(before.head + 1, rpc.clock.now() * 1000));
    });

    test("reading on the side never touches, however often and whatever the policy", async () => {
      const { clock } = rpc;
      const policy = { ...exact, idleTimeout: ms(1000), absoluteTimeout: ms(1500) };
      const { id, session } = await created(rpc, { policy });
      const before = await headOf(rpc);
      for (let use = 0; use < 9; use++) {
        clock.advance(100);
        expect(await peeked(rpc, id)).toEqual(session);
      }
      expect(await headOf(rpc)).toBe(before);
      clock.advance(100);
      expect(await isOpen(id)).toBe(false);
    });

    test.each(uses)("the absolute timeout is exact, and %s does not extend it", async (_, use) => {
      const { clock } = rpc;
      const policy = { idleTimeout: ms(1000), absoluteTimeout: ms(2500) };
      let { id } = await created(rpc, { policy });
      const end = clock.now() + 2500;
      for (const step of [900, 900, 600, 98, 1]) {
        clock.advance(step);
        id = await use(id);
        const { idle = 0, absolute } = timesOf(await peeked(rpc, id));
        expect(absolute).toBe(end);
        expect(idle).toBeGreaterThanOrEqual(Math.min(end, clock.now() + 1000));
        expect(idle).toBeLessThanOrEqual(Math.min(end, clock.now() + 1100));
      }
      expect(clock.now()).toBe(end - 1);
      expect(await isOpen(id)).toBe(true);
      clock.advance(1);
      expect(await failureOf(use(id))).toEqual(notFound);
    });

    test.each(uses)("near the absolute timeout the last %s is told, too", async (_, use) => {
      const { clock } = rpc;
      const policy = { ...exact, idleTimeout: ms(1000), absoluteTimeout: ms(1000) };
      let { id } = await created(rpc, { policy });
      for (let each = 0; each < 3; each++) {
        clock.advance(300);
        id = await use(id);
        expect(timesOf(await peeked(rpc, id)).used).toBe(clock.now());
      }
    });

    test("near the absolute timeout the last use is still told, and still written once an interval", async () => {
      const { clock } = rpc;
      const policy = { idleTimeout: ms(1000), absoluteTimeout: ms(1000), touchInterval: ms(100) };
      const { id: sessionId, session } = await created(rpc, { policy });
      const end = clock.now() + 1000;
      let [used, writes, last] = [clock.now(), 0, await headOf(rpc)];
      for (let use = 0; use < 19; use++) {
        clock.advance(50);
        const answer = await rpc.sessions.get({ sessionId });
        if (clock.now() - used >= 100) used = clock.now();
        expect(timesOf(answer.session)).toMatchObject({ used, idle: end, absolute: end });
        expect(answer.session?.version).toBe(session.version);
        const head = await headOf(rpc);
        if (head !== last) writes++;
        last = head;
      }
      expect(writes).toBe(9);
    });

    test("touches keep the version, and so do rotations that change neither subject nor data", async () => {
      const { clock } = rpc;
      const { id, session } = await created(rpc, { subject: "ada", policy: exact });
      const rotate = rpc.sessions.rotate;
      let sessionId = id;
      for (const request of [{}, { grace: ms(0) }, { grace: ms(1) }, { subject: "ada" }]) {
        clock.advance(5000);
        await rpc.sessions.touch({ sessionId });
        clock.advance(5000);
        expect((await rpc.sessions.get({ sessionId })).session?.version).toBe(session.version);
        const rotated = await rotate({ sessionId, ...request });
        expect(rotated.session?.version, Object.keys(request).join()).toBe(session.version);
        sessionId = rotated.sessionId;
      }
    });

    test("the time to renew is told after Create, touches and rotations, and holds for nothing but Rotate", async () => {
      const { clock } = rpc;
      const policy = { renewalInterval: ms(hour), idleTimeout: ms(3 * hour) };
      const { id: sessionId, session } = await created(rpc, { policy });
      const due = clock.now() + hour;
      expect(timesOf(session).renew).toBe(due);
      clock.advance(2 * hour);
      const touched = await rpc.sessions.touch({ sessionId });
      expect(msOf(touched.renewTime)).toBe(due);
      expect(timesOf(await peeked(rpc, sessionId)).renew).toBe(due);
      const rotated = await rpc.sessions.rotate({ sessionId });
      expect(timesOf(rotated.session).renew).toBe(clock.now() + hour);
    });

    test("what has ended is gone from the store one sweep later, its ids with it", async () => {
      const { clock } = rpc;
      const short = { ...exact, idleTimeout: ms(1000) };
      const { id: sessionId } = await created(rpc, { policy: short });
      const kept = await created(rpc);
      const { sessionId: newer } = await rpc.sessions.rotate({ sessionId, grace: ms(60_000) });
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 2, finders: 3 });
      clock.advance(1000);
      expect([await isOpen(sessionId), await isOpen(newer)]).toEqual([false, false]);
      await expectSound(rpc.store);
      await sweep(rpc);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 1 });
      await rpc.sessions.delete({ sessionId: kept.id });
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
    });

    test("at every millisecond of a life, before and after sweeps, ids, sessions and lists agree", async () => {
      const { clock } = rpc;
      const policy = { idleTimeout: ms(20), absoluteTimeout: ms(70), touchInterval: ms(2) };
      const { id, session } = await created(rpc, { subject: "ada", policy });
      const use = async (turn: number, current: string): Promise<string> => {
        if (turn % 5 === 0) await rpc.sessions.touch({ sessionId: current });
        if (turn % 7 !== 3) return current;
        return (await rpc.sessions.rotate({ sessionId: current, grace: ms(9) })).sessionId;
      };
      let current = id;
      for (let turn = 0; turn <= 75; turn++) {
        await expectSound(rpc.store);
        expect(await isOpen(current), `after ${turn} ms`).toBe(turn < 70);
        const lists = [
          await rpc.sessions.list({}),
          await rpc.sessions.listBySubject({ subject: "ada" }),
        ];
        const handles = lists.map(({ sessions }) => sessions.map(({ handle }) => handle));
        const expected = turn < 70 ? [session.handle] : [];
        expect(handles).toEqual([expected, expected]);
        if (turn < 70) current = await use(turn, current);
        clock.advance(1);
      }
      await sweep(rpc);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
    });
  });
}
