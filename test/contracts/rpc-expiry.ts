import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ExpireCondition } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { durationOf, failureOf, msOf, text, textOf, ttl } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeExpiry(subject: RpcUnderTest): void {
  describe("expiry", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const time = (ms: number) => ({ kind: { case: "time" as const, value: durationOf(ms) } });
    const keep = { kind: { case: "keep" as const, value: true } };
    const isThere = async (key = "a"): Promise<boolean> =>
      (await rpc.kv.get({ key })).entry !== undefined;

    test.each(["", "r1"])(
      "an entry is there to the millisecond before it expires, and not from then on (id %j)",
      async (requestId) => {
        const { kv, clock } = rpc;
        const at = clock.now() + 1500;
        const set = await kv.set({ key: "a", value: text("one"), expiry: ttl(1500), requestId });
        expect(msOf(set.expireTime)).toBe(at);
        const byTime = await kv.set({
          key: "b",
          value: text("one"),
          expiry: time(at),
          requestId: requestId && "r2",
        });
        expect(msOf(byTime.expireTime)).toBe(at);
        clock.advance(1499);
        expect(await isThere("a")).toBe(true);
        expect(msOf((await kv.get({ key: "b" })).entry?.expireTime)).toBe(at);
        expect((await kv.count({})).count).toBe(2n);
        clock.advance(1);
        expect(await isThere("a")).toBe(false);
        expect(await isThere("b")).toBe(false);
        expect((await kv.list({})).entries).toEqual([]);
        expect((await kv.count({})).count).toBe(0n);
      },
    );

    test("a part of a millisecond counts as a whole one", async () => {
      const expiry = { kind: { case: "ttl" as const, value: { seconds: 0n, nanos: 1 } } };
      const { expireTime } = await rpc.kv.set({ key: "a", value: text("one"), expiry });
      expect(msOf(expireTime)).toBe(rpc.clock.now() + 1);
    });

    test("setting over an expired entry creates one", async () => {
      const { kv, clock } = rpc;
      await kv.set({ key: "a", value: text("one"), expiry: ttl(1) });
      clock.advance(1);
      const precondition = { condition: { case: "exists" as const, value: false } };
      const set = await kv.set({
        key: "a",
        value: text("two"),
        precondition,
        returnPrevious: true,
      });
      expect(set.previous).toBeUndefined();
      expect(set.createVersion).toBe(set.version);
      expect((await kv.delete({ key: "a" })).deleted).toBe(true);
    });

    test.each(["", "r1"])("a set ends the expiry unless it keeps it (id %j)", async (requestId) => {
      const { kv, clock } = rpc;
      const at = clock.now() + 1000;
      await kv.set({ key: "a", value: text("one"), expiry: ttl(1000) });
      const kept = await kv.set({ key: "a", value: text("two"), expiry: keep, requestId });
      expect(msOf(kept.expireTime)).toBe(at);
      expect(msOf((await kv.get({ key: "a" })).entry?.expireTime)).toBe(at);
      const ended = await kv.set({ key: "a", value: text("three") });
      expect(ended.expireTime).toBeUndefined();
      clock.advance(1000);
      expect(await isThere()).toBe(true);
      const fresh = await kv.set({ key: "new", value: text("one"), expiry: keep });
      expect(fresh.expireTime).toBeUndefined();
    });

    test("Expire changes the expiry, and neither value nor version", async () => {
      const { kv, clock } = rpc;
      const { version } = await kv.set({ key: "a", value: text("one") });
      const at = clock.now() + 1000;
      const expiry = { case: "ttl" as const, value: durationOf(1000) };
      expect(await kv.expire({ key: "a", expiry })).toMatchObject({
        found: true,
        applied: true,
        version,
      });
      const { entry } = await kv.get({ key: "a" });
      expect(entry?.version).toBe(version);
      expect(textOf(entry?.value)).toBe("one");
      expect(msOf(entry?.expireTime)).toBe(at);
      const precondition = { condition: { case: "version" as const, value: version } };
      await kv.set({ key: "a", value: text("two"), precondition, expiry: keep });
      clock.advance(1000);
      expect(await kv.expire({ key: "a", expiry })).toMatchObject({
        found: false,
        applied: false,
        version: 0n,
      });
    });

    test("persisting an entry makes it stay", async () => {
      const { kv, clock } = rpc;
      await kv.set({ key: "a", value: text("one"), expiry: ttl(1000) });
      const persisted = await kv.expire({ key: "a", expiry: { case: "persist", value: true } });
      expect(persisted.applied).toBe(true);
      expect(persisted.expireTime).toBeUndefined();
      clock.advance(1000);
      expect(await isThere()).toBe(true);
    });

    const { UNSPECIFIED, IF_LATER, IF_EARLIER, IF_NONE } = ExpireCondition;
    /** The expiry there is, the one asked for, and under which conditions it is applied. */
    const rows = [
      [undefined, 1000, [UNSPECIFIED, IF_EARLIER, IF_NONE]],
      [undefined, undefined, [UNSPECIFIED, IF_NONE]],
      [2000, 1000, [UNSPECIFIED, IF_EARLIER]],
      [2000, 2000, [UNSPECIFIED]],
      [2000, 3000, [UNSPECIFIED, IF_LATER]],
      [2000, undefined, [UNSPECIFIED, IF_LATER]],
    ] as const;
    const toMoment = (now: number, to: number | undefined) =>
      to === undefined
        ? { case: "persist" as const, value: true }
        : { case: "time" as const, value: durationOf(now + to) };
    const toExpiry = (now: number, from: number | undefined) =>
      from === undefined ? {} : { expiry: time(now + from) };
    const momentOf = (now: number, after: number | undefined) =>
      after === undefined ? undefined : now + after;
    test.each(rows)(
      "from %j to %j is applied under the conditions that allow it",
      async (from, to, allowing) => {
        const { kv, clock } = rpc;
        const now = clock.now();
        const expiry = toMoment(now, to);
        for (const condition of [UNSPECIFIED, IF_LATER, IF_EARLIER, IF_NONE]) {
          await kv.set({ key: "a", value: text("one"), ...toExpiry(now, from) });
          const applied = (allowing as readonly ExpireCondition[]).includes(condition);
          const at = momentOf(now, applied ? to : from);
          const answer = await kv.expire({ key: "a", expiry, condition });
          expect([condition, answer.found, answer.applied]).toEqual([condition, true, applied]);
          expect(msOf(answer.expireTime)).toBe(at);
          expect(msOf((await kv.get({ key: "a" })).entry?.expireTime)).toBe(at);
        }
      },
    );

    test("moments that have passed, or that no timestamp holds, are refused", async () => {
      const { kv, clock } = rpc;
      const refused = { code: Code.InvalidArgument, reason: "INVALID_FIELD" };
      const value = text("one");
      const day = 86_400n;
      const tooLong = {
        kind: { case: "ttl" as const, value: { seconds: 3_000_000n * day, nanos: 0 } },
      };
      const calls = [
        [kv.set({ key: "a", value, expiry: ttl(0) }), "expiry.ttl"],
        [kv.set({ key: "a", value, expiry: ttl(-1000) }), "expiry.ttl"],
        [kv.set({ key: "a", value, expiry: time(clock.now()) }), "expiry.time"],
        [kv.set({ key: "a", value, expiry: tooLong }), "expiry.ttl"],
        [
          kv.set({ key: "a", value, expiry: { kind: { case: "keep", value: false } } }),
          "expiry.keep",
        ],
        [
          kv.batchSet({
            items: [
              { key: "b", value },
              { key: "a", value, expiry: time(0) },
            ],
          }),
          "items[1].expiry.time",
        ],
        [kv.expire({ key: "a", expiry: { case: "time", value: durationOf(0) } }), "time"],
        [kv.expire({ key: "a", expiry: { case: "ttl", value: durationOf(0) } }), "ttl"],
        [kv.increment({ key: "a", expiryIfCreated: time(0) }), "expiry_if_created.time"],
      ] as const;
      for (const [call, field] of calls) {
        expect(await failureOf(call), field).toMatchObject({ ...refused, fields: [field] });
      }
      expect((await kv.count({})).count).toBe(0n);
    });

    test("a repeat of a timed request is answered even when its moment has passed", async () => {
      const { kv, clock } = rpc;
      const request = {
        key: "a",
        value: text("one"),
        expiry: time(clock.now() + 10),
        requestId: "r1",
      };
      const first = await kv.set(request);
      clock.advance(20);
      expect(await kv.set(request)).toEqual(first);
      expect(await isThere()).toBe(false);
    });
  });
}
