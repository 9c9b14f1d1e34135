import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SessionBoundsSchema } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { durationOf, failureOf } from "./rpc-messages.ts";
import {
  type CreateInit,
  created,
  exact,
  hour,
  minute,
  type PolicyInit,
  storedRecords,
  timesOf,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionPolicies(subject: RpcUnderTest): void {
  describe("what a session may be created with", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const ms = durationOf;
    type Granted = readonly [title: string, policy: PolicyInit, idleMs: number, absoluteMs: number];
    const granted: readonly Granted[] = [
      [
        "the longest timeouts",
        { idleTimeout: ms(720 * hour), absoluteTimeout: ms(9600 * hour) },
        720 * hour + 1000,
        9600 * hour,
      ],
      [
        "an idle timeout as long as the absolute one",
        { idleTimeout: ms(12 * hour) },
        12 * hour,
        12 * hour,
      ],
      [
        "an absolute timeout below the idle default",
        { absoluteTimeout: ms(minute) },
        minute,
        minute,
      ],
      ["an idle timeout of a millisecond", { ...exact, idleTimeout: ms(1) }, 1, 12 * hour],
      ["a timeout of a part of a millisecond", { idleTimeout: { nanos: 1 } }, 1, 12 * hour],
      [
        "the longest touch interval",
        { idleTimeout: ms(10_000), touchInterval: ms(1000) },
        11_000,
        12 * hour,
      ],
      [
        "a short idle timeout, with a tenth of it as the touch interval",
        { idleTimeout: ms(5000) },
        5500,
        12 * hour,
      ],
      ["uses that are written down at once", exact, 30 * minute, 12 * hour],
    ];
    test.each(granted)("%s: granted", async (...[, policy, idleMs, absoluteMs]) => {
      const now = rpc.clock.now();
      const { session } = await created(rpc, { policy });
      expect(timesOf(session)).toMatchObject({ idle: now + idleMs, absolute: now + absoluteMs });
    });

    const refused: readonly [string, CreateInit, field: string][] = [
      [
        "an idle timeout beyond the server's bound",
        { policy: { idleTimeout: ms(720 * hour + 1), absoluteTimeout: ms(9600 * hour) } },
        "policy.idle_timeout",
      ],
      [
        "an absolute timeout beyond the server's bound",
        { policy: { absoluteTimeout: ms(9600 * hour + 1) } },
        "policy.absolute_timeout",
      ],
      [
        "an idle timeout beyond the absolute one",
        { policy: { idleTimeout: ms(minute + 1), absoluteTimeout: ms(minute) } },
        "policy.idle_timeout",
      ],
      ["no idle timeout", { policy: { idleTimeout: ms(0) } }, "policy.idle_timeout"],
      [
        "a negative absolute timeout",
        { policy: { absoluteTimeout: { seconds: -1n } } },
        "policy.absolute_timeout",
      ],
      ["no renewal interval", { policy: { renewalInterval: ms(0) } }, "policy.renewal_interval"],
      [
        "a renewal after the end",
        { policy: { renewalInterval: ms(12 * hour + 1) } },
        "policy.renewal_interval",
      ],
      [
        "a negative touch interval",
        { policy: { touchInterval: { nanos: -1 } } },
        "policy.touch_interval",
      ],
      [
        "a touch interval over a tenth",
        { policy: { idleTimeout: ms(10_000), touchInterval: ms(1001) } },
        "policy.touch_interval",
      ],
      [
        "more sessions than may be",
        { policy: { subjectSessionsMax: 501 } },
        "policy.subject_sessions_max",
      ],
      [
        "fewer sessions than none",
        { policy: { subjectSessionsMax: -1 } },
        "policy.subject_sessions_max",
      ],
      [
        "an answer to the limit that is none",
        { policy: { atLimit: 9 as never } },
        "policy.at_limit",
      ],
      ["a subject too long", { subject: "é".repeat(257) }, "subject"],
      ["an address that is none", { client: { ipAddress: "localhost" } }, "client.ip_address"],
      ["a user agent too long", { client: { userAgent: "é".repeat(513) } }, "client.user_agent"],
      ["a device name too long", { client: { deviceName: "é".repeat(129) } }, "client.device_name"],
    ];
    test.each(refused)(
      "%s is refused by its field, and nothing is created",
      async (...[, request, field]) => {
        expect(await failureOf(rpc.sessions.create(request))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
        expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
      },
    );
  });

  describe("what a server configures", () => {
    test("its bounds hold for what is asked, and for what is not", async () => {
      const rpc = await subject.open({
        sessionLimits: {
          sessionIdleMsMax: 5 * minute,
          sessionAbsoluteMsMax: hour,
          sessionDataBytesMax: 100,
        },
      });
      const now = rpc.clock.now();
      const { session } = await created(rpc);
      expect(timesOf(session)).toMatchObject({
        idle: now + 5 * minute + 1000,
        absolute: now + hour,
      });
      const tooLong = { idleTimeout: durationOf(5 * minute + 1) };
      expect(await failureOf(rpc.sessions.create({ policy: tooLong }))).toMatchObject({
        reason: "INVALID_FIELD",
        metadata: { value: "300.001s" },
        fields: ["policy.idle_timeout"],
      });
      const tooLarge = { a: "x".repeat(100) };
      expect(await failureOf(rpc.sessions.create({ data: tooLarge }))).toMatchObject({
        reason: "VALUE_TOO_LARGE",
        metadata: { max: "100", actual: "108" },
      });
      await rpc.close();
    });
  });

  describe("what a tenant's bounds allow", () => {
    test("they hold within the server's, for what is asked and for what is not, from the next Create on", async () => {
      const rpc = await subject.open({ sessionLimits: { sessionIdleMsMax: 20 * minute } });
      const bounded = (sessionBounds: MessageInitShape<typeof SessionBoundsSchema>) =>
        rpc.tenants.update({
          tenant: { name: "acme", sessionBounds },
          updateMask: { paths: ["session_bounds"] },
        });
      await rpc.tenants.create({ tenant: { name: "acme" } });
      const headers = { "tiffin-tenant": "acme" };
      const before = await created(rpc, {}, "acme");
      await bounded({
        idleTimeoutMax: durationOf(5 * minute),
        absoluteTimeoutMax: durationOf(hour),
        subjectSessionsMax: 2,
      });
      const now = rpc.clock.now();
      const { session } = await created(rpc, {}, "acme");
      expect(timesOf(session)).toMatchObject({
        idle: now + 5 * minute + 1000,
        absolute: now + hour,
      });
      const refused = [
        [{ idleTimeout: durationOf(5 * minute + 1) }, "policy.idle_timeout"],
        [{ absoluteTimeout: durationOf(hour + 1) }, "policy.absolute_timeout"],
        [{ subjectSessionsMax: 3 }, "policy.subject_sessions_max"],
      ] as const;
      for (const [policy, field] of refused) {
        const call = rpc.sessions.create({ policy }, { headers });
        expect(await failureOf(call)).toMatchObject({ reason: "INVALID_FIELD", fields: [field] });
        // Another tenant's are not this one's.
        expect((await created(rpc, { policy })).session.handle).not.toBe("");
      }
      for (let each = 0; each < 4; each++) await created(rpc, { subject: "ada" }, "acme");
      const listed = await rpc.sessions.listBySubject({ subject: "ada" }, { headers });
      expect(listed.sessions).toHaveLength(2);
      // A policy is fixed at Create.
      const kept = await rpc.sessions.get({ sessionId: before.id, peek: true }, { headers });
      expect(kept.session).toEqual(before.session);
      // Nor do they widen what the server allows.
      await bounded({ idleTimeoutMax: durationOf(hour) });
      const tooLong = { idleTimeout: durationOf(20 * minute + 1) };
      const beyond = rpc.sessions.create({ policy: tooLong }, { headers });
      expect(await failureOf(beyond)).toMatchObject({ fields: ["policy.idle_timeout"] });
      await rpc.close();
    });
  });
}
