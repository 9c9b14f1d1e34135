import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { durationOf, failureOf } from "./rpc-messages.ts";
import {
  alreadyRotated,
  created,
  expectSound,
  failuresOf,
  headOf,
  notFound,
  opens,
  peeked,
  storedRecords,
  timesOf,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionLogins(subject: RpcUnderTest): void {
  describe("logging in", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(async () => {
      await expectSound(rpc.store);
      await rpc.close();
    });

    const ms = durationOf;
    const rotate: RpcSubject["sessions"]["rotate"] = (request) => rpc.sessions.rotate(request);
    /** Nothing can be done with the id, by any method. */
    const expectDead = async (sessionId: string): Promise<void> => {
      const { sessions } = rpc;
      const change = { case: "replace", value: { owned: true } } as const;
      const calls = [
        sessions.get({ sessionId }),
        sessions.get({ sessionId, peek: true }),
        sessions.touch({ sessionId }),
        sessions.update({ sessionId, change }),
        sessions.rotate({ sessionId }),
        sessions.rotate({ sessionId, subject: "eve" }),
      ];
      expect(await failuresOf(calls)).toEqual(calls.map(() => notFound));
    };

    test("gives the session its subject under a new id, and keeps what it was", async () => {
      const { id, session } = await created(rpc, { data: { cart: [1] } });
      rpc.clock.advance(1000);
      const answer = await rotate({ sessionId: id, subject: "ada", mergePatch: { role: "admin" } });
      expect(answer.oldIdExpireTime).toBeUndefined();
      expect(answer.session).toEqual(await peeked(rpc, answer.sessionId));
      expect(answer.session).toMatchObject({
        handle: session.handle,
        subject: "ada",
        data: { cart: [1], role: "admin" },
        createTime: session.createTime,
      });
      expect(answer.session?.version).toBeGreaterThan(session.version);
      expect(timesOf(answer.session).absolute).toBe(timesOf(session).absolute);
      await expectDead(id);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 1 });
    });

    /** How an attacker comes to know an id of the session that the user then logs in with. Each answers the ids known, and the one used. */
    const fixations: readonly [string, (planted: string) => Promise<readonly string[]>][] = [
      ["planted as it was created", async (planted) => [planted]],
      [
        "planted, and rotated by the attacker with the longest grace",
        async (planted) => {
          const answer = await rotate({ sessionId: planted, grace: ms(60_000) });
          return [planted, answer.sessionId];
        },
      ],
      [
        "planted, and rotated so often that several are in their grace",
        async (planted) => {
          const known = [planted];
          for (let each = 0; each < 6; each++) {
            const answer = await rotate({ sessionId: known.at(-1) ?? "", grace: ms(60_000) });
            known.push(answer.sessionId);
          }
          return known;
        },
      ],
      [
        "planted, and used by the attacker until the last moment",
        async (planted) => {
          rpc.clock.advance(5000);
          await rpc.sessions.touch({ sessionId: planted });
          const change = { case: "replace", value: { planted: true } } as const;
          await rpc.sessions.update({ sessionId: planted, change });
          return [planted];
        },
      ],
      [
        "the id of another subject's session",
        async (planted) => {
          const answer = await rotate({ sessionId: planted, subject: "eve" });
          return [planted, answer.sessionId];
        },
      ],
      [
        "planted, and renewed by the application just before the login",
        async (planted) => {
          const { sessionId } = await rotate({ sessionId: planted });
          return [planted, sessionId];
        },
      ],
    ];
    test.each(fixations)(
      "an id %s does not open the session after the login",
      async (_, attack) => {
        const { id: planted } = await created(rpc);
        const known = await attack(planted);
        const used = known.at(-1) ?? "";
        const { sessionId } = await rotate({ sessionId: used, subject: "ada" });
        for (const id of known) await expectDead(id);
        expect((await peeked(rpc, sessionId)).subject).toBe("ada");
        rpc.clock.advance(60_000);
        for (const id of known) await expectDead(id);
      },
    );

    test.each([true, false])(
      "a planted id that races the login opens nothing of it (attack first: %s)",
      async (isAttackFirst) => {
        for (let round = 0; round < 4; round++) {
          const { id: planted } = await created(rpc);
          const login = () => rotate({ sessionId: planted, subject: "ada" });
          const attack = () => rotate({ sessionId: planted, grace: ms(60_000) });
          const touch = () => rpc.sessions.touch({ sessionId: planted });
          const order = isAttackFirst ? [attack, touch, login] : [login, touch, attack];
          const settled = await Promise.allSettled(order.map((call) => call()));
          // One of the two rotations wins. Is it the attack's, then nobody is logged in.
          const won = settled.map(({ status }) => status === "fulfilled");
          expect(won[0]).not.toBe(won[2]);
          const isLoggedIn = won[order.indexOf(login)];
          if (isLoggedIn) await expectDead(planted);
          else expect((await peeked(rpc, planted)).subject).toBe("");
        }
      },
    );

    test("a login by an id in its grace is refused, and logs nobody in", async () => {
      const { id: planted } = await created(rpc);
      const { sessionId } = await rotate({ sessionId: planted, grace: ms(60_000) });
      const login = rotate({ sessionId: planted, subject: "ada" });
      expect(await failureOf(login)).toEqual(alreadyRotated);
      for (const id of [planted, sessionId]) expect((await peeked(rpc, id)).subject).toBe("");
    });

    test("a grace together with a subject is refused, and the session is as it was", async () => {
      const { id: sessionId, session } = await created(rpc);
      const before = await headOf(rpc);
      for (const grace of [ms(1), { nanos: 1 }, ms(10_000), ms(60_000)]) {
        for (const whose of ["ada", ""]) {
          expect(await failureOf(rotate({ sessionId, subject: whose, grace }))).toMatchObject({
            code: Code.InvalidArgument,
            reason: "INVALID_FIELD",
            metadata: { field: "grace" },
            fields: ["grace"],
          });
        }
      }
      expect([await headOf(rpc), await peeked(rpc, sessionId)]).toEqual([before, session]);
    });

    test("no grace together with a subject is what it is without", async () => {
      const { id } = await created(rpc);
      const { sessionId } = await rotate({ sessionId: id, subject: "ada", grace: ms(0) });
      expect(await opens(rpc, id)).toBe(false);
      expect((await peeked(rpc, sessionId)).subject).toBe("ada");
    });

    test.each([
      ["another's", "bob", true],
      ["the same one's", "ada", false],
      ["nobody's", "", true],
    ] as const)(
      "ends every id from before when the session becomes %s",
      async (_, whose, isNew) => {
        const { id: first, session } = await created(rpc, { subject: "ada" });
        const { sessionId: second } = await rotate({ sessionId: first });
        const answer = await rotate({ sessionId: second, subject: whose });
        await expectDead(first);
        await expectDead(second);
        expect(answer.session?.subject).toBe(whose);
        expect(answer.session?.handle).toBe(session.handle);
        expect((answer.session?.version ?? 0n) > session.version).toBe(isNew);
        expect(await storedRecords(rpc.store)).toEqual({ sessions: 1, finders: 1 });
      },
    );

    test("the new id rotates, changes and ends the session under its new subject", async () => {
      const { id } = await created(rpc);
      const login = await rotate({ sessionId: id, subject: "ada" });
      const renewed = await rotate({ sessionId: login.sessionId, grace: ms(1000) });
      const change = { case: "mergePatch", value: { a: 1 } } as const;
      await rpc.sessions.update({ sessionId: login.sessionId, change });
      expect(await peeked(rpc, renewed.sessionId)).toMatchObject({
        subject: "ada",
        data: { a: 1 },
      });
      await rpc.sessions.delete({ sessionId: login.sessionId });
      await expectDead(renewed.sessionId);
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
    });
  });
}
