import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { expiryAfterUse, isTouchDue, lastUse, wholeMs } from "./lifetime.ts";
import type { SessionRecord } from "./session-record.ts";

const start = Date.UTC(2026, 0, 1);

/** A session's policy, its absolute timeout, and how long after each other it is used. */
const lives = fc.record({
  idleMs: fc.integer({ min: 1, max: 1000 }),
  tenthOfTouch: fc.nat(10),
  absoluteTimeoutMs: fc.integer({ min: 1, max: 5000 }),
  pauses: fc.array(fc.integer({ min: 0, max: 1200 }), { maxLength: 20 }),
});

/** What the methods do with a session in use, the store apart: with its expiry and, near the end, its record. */
function useOver(
  {
    idleMs,
    tenthOfTouch,
    absoluteTimeoutMs,
    pauses,
  }: typeof lives extends fc.Arbitrary<infer T> ? T : never,
  seen: (
    now: number,
    life: { used: number; told: number; expireAt: number; touchMs: number },
  ) => void,
): void {
  const touchMs = Math.floor((idleMs * tenthOfTouch) / 100);
  const policy = { idleMs, touchMs, renewalMs: 0, subjectMax: 1, refuses: false };
  const absoluteMs = start + absoluteTimeoutMs;
  let record = { policy, absoluteMs, usedMs: start } as SessionRecord;
  let expireAt = expiryAfterUse(start, record);
  let [now, used] = [start, start];
  for (const pause of pauses) {
    now += pause;
    seen(now, { used, told: lastUse(record, { expireAt }), expireAt, touchMs });
    if (now >= expireAt) return;
    used = now;
    if (!isTouchDue(lastUse(record, { expireAt }), now, record)) continue;
    expireAt = expiryAfterUse(now, record);
    if (expireAt === absoluteMs) record = { ...record, usedMs: now };
  }
}

describe("however a session is used", () => {
  test("it lives for its idle timeout after each use and at most the touch interval longer, and never past its end", () => {
    fc.assert(
      fc.property(lives, (life) => {
        const end = start + life.absoluteTimeoutMs;
        useOver(life, (_, { used, expireAt, touchMs }) => {
          expect(expireAt).toBeGreaterThanOrEqual(Math.min(end, used + life.idleMs));
          expect(expireAt).toBeLessThanOrEqual(Math.min(end, used + life.idleMs + touchMs));
        });
      }),
      propertyParameters(2000),
    );
  });

  test("its last use is told to within the touch interval, near the end as well", () => {
    fc.assert(
      fc.property(lives, (life) => {
        useOver(life, (_, { used, told, touchMs }) => {
          expect(told).toBeLessThanOrEqual(used);
          expect(told).toBeGreaterThanOrEqual(used - Math.max(0, touchMs - 1));
        });
      }),
      propertyParameters(2000),
    );
  });
});

test("a part of a millisecond counts as a whole one", () => {
  expect([wholeMs(5), wholeMs(5.001), wholeMs(5.999)]).toEqual([5, 6, 6]);
});
