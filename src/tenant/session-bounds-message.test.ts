import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SessionBoundsSchema } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { propertyParameters } from "../../test/support/property.ts";
import {
  areSessionBounds,
  toSessionBounds,
  toSessionBoundsMessage,
} from "./session-bounds-message.ts";

test("what a message says is stored and answered again", () => {
  const duration = fc.record({
    seconds: fc.bigInt({ min: 1n, max: 315_575_999_999n }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  });
  const anyBounds = fc.record(
    {
      idleTimeoutMax: duration,
      absoluteTimeoutMax: duration,
      subjectSessionsMax: fc.integer({ min: 0, max: 500 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(anyBounds, (init) => {
      const asked = create(SessionBoundsSchema, init);
      const stored = toSessionBounds(asked);
      expect(areSessionBounds(stored)).toBe(true);
      const answered = toSessionBoundsMessage(stored);
      const again = create(SessionBoundsSchema, answered ?? {});
      expect(toSessionBounds(again)).toEqual(stored);
    }),
    propertyParameters(100),
  );
});

test("what is longer than a duration can say is refused by its field", () => {
  const longer = { seconds: 315_576_000_000n, nanos: 1 };
  for (const [name, field] of [
    ["idleTimeoutMax", "idle_timeout_max"],
    ["absoluteTimeoutMax", "absolute_timeout_max"],
  ] as const) {
    const message = create(SessionBoundsSchema, { [name]: longer });
    expect(() => toSessionBounds(message)).toThrow(`tenant.session_bounds.${field}`);
  }
});

test("what no message says is unsound", () => {
  const unsound: unknown[] = [
    ...[5, null, [], { idleMsMax: 0 }, { idleMsMax: 1.5 }, { absoluteMsMax: "1" }],
    ...[{ subjectSessionsMax: 501 }, { idleMsMax: 1e15 }, { more: 1 }, { toString: 1 }],
  ];
  for (const value of unsound) expect(areSessionBounds(value), JSON.stringify(value)).toBe(false);
  expect(areSessionBounds(undefined)).toBe(true);
});
