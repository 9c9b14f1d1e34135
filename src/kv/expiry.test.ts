import { create } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { toTimestamp } from "../timestamp.ts";
import { afterTtl, atTime, toExpireAt } from "./expiry.ts";

const now = Date.UTC(2026, 0, 1);
const ttl = (seconds: bigint, nanos = 0) => create(DurationSchema, { seconds, nanos });
const time = (ms: number, nanos = 0) =>
  create(TimestampSchema, {
    seconds: BigInt(Math.floor(ms / 1000)),
    nanos: (ms % 1000) * 1e6 + nanos,
  });
const refused = expect.objectContaining({ kind: "invalid_field" });

test("a ttl ends so long after now, rounded up to a millisecond", () => {
  expect(afterTtl(ttl(1n, 500_000_000), "ttl", now)).toBe(now + 1500);
  expect(afterTtl(ttl(0n, 1_000_001), "ttl", now)).toBe(now + 2);
  expect(afterTtl(ttl(0n, 1), "ttl", now)).toBe(now + 1);
  expect(afterTtl(ttl(0n, 1), "ttl", now + 0.5)).toBe(now + 1);
});

test("a moment is rounded up too, and must lie in the future", () => {
  expect(atTime(time(now + 1), "time", now)).toBe(now + 1);
  expect(atTime(time(now, 1000), "time", now)).toBe(now + 1);
  expect(() => atTime(time(now), "time", now)).toThrow(refused);
  expect(() => atTime(create(TimestampSchema, { seconds: -(10n ** 15n) }), "time", now)).toThrow(
    refused,
  );
});

test("nothing expires beyond the year 9999", () => {
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  expect(atTime(time(last), "time", now)).toBe(last);
  expect(atTime(time(last, 999_999), "time", now)).toBe(last);
  expect(() => atTime(time(last + 1), "time", now)).toThrow(refused);
  expect(() => afterTtl(ttl(10n ** 12n), "ttl", now)).toThrow(refused);
});

test("no time at all is refused", () => {
  expect(() => afterTtl(ttl(0n), "ttl", now)).toThrow(refused);
  expect(() => afterTtl(ttl(-1n), "ttl", now)).toThrow(refused);
  expect(toExpireAt(undefined, "expiry", now)).toBe("none");
});

test.each([0, 1, 999, 1000, now, now + 1, -1, -1001])(
  "a timestamp says %d to the millisecond",
  (ms) => {
    const { seconds, nanos } = toTimestamp(ms);
    expect(Number(seconds) * 1000 + nanos / 1e6).toBe(ms);
    expect(nanos).toBeGreaterThanOrEqual(0);
  },
);
