/** What no client of ours would send: over raw protobuf, and whatever a property thinks of. */
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { TenantService } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { sessionSpaces } from "../../src/session/session-spaces.ts";
import { partsOf } from "../../src/store/key.ts";
import type { Store } from "../../src/store/store.ts";
import {
  created,
  expectSound,
  failuresOf,
  headOf,
  peeked,
  recordsOf,
} from "../contracts/rpc-session-parts.ts";
import { openClient } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { callRaw, frame, type RawAnswer } from "../support/raw-grpc.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";
import { lengthDelimited } from "../support/wire.ts";

const clock = new ManualClock();
let running: RunningApp;
let sessions: Client<typeof SessionService>;
let tenants: Client<typeof TenantService>;
let store: Store;
let disconnect: () => void;
beforeAll(async () => {
  running = await startApp({}, { clock, random: () => 0.5 });
  store = running.app.store;
  const { client, close } = openClient(SessionService, "grpc", running.target);
  const tenantClient = openClient(TenantService, "grpc", running.target);
  [sessions, tenants] = [client, tenantClient.client];
  disconnect = () => {
    close();
    tenantClient.close();
  };
});
afterAll(async () => {
  disconnect();
  await running[Symbol.asyncDispose]();
});

describe("data over protobuf that JSON cannot say", () => {
  const text = (field: number, value: string): Buffer => lengthDelimited(field, Buffer.from(value));
  const double = (value: number): Buffer => {
    const bytes = Buffer.alloc(9);
    bytes[0] = 0x11; // Value.number_value
    bytes.writeDoubleLE(value, 1);
    return bytes;
  };
  const listOf = (value: Buffer): Buffer => lengthDelimited(6, lengthDelimited(1, value));
  const structOf = (value: Buffer): Buffer =>
    lengthDelimited(1, Buffer.concat([text(1, "a"), lengthDelimited(2, value)]));
  const within = (value: Buffer, levels: number): Buffer =>
    levels === 0 ? value : within(lengthDelimited(5, structOf(value)), levels - 1);
  const invalidUtf8 = lengthDelimited(3, Buffer.of(0x61, 0xff));

  /** A value of google.protobuf.Value, and why it is refused. */
  const values: readonly [string, Buffer, reason: string][] = [
    ["not a number", double(Number.NaN), "INVALID_FIELD"],
    ["infinite", double(Number.POSITIVE_INFINITY), "INVALID_FIELD"],
    ["infinitely negative", double(Number.NEGATIVE_INFINITY), "INVALID_FIELD"],
    ["not a number, in a list", listOf(double(Number.NaN)), "INVALID_FIELD"],
    ["infinite, deep down", within(double(Number.POSITIVE_INFINITY), 20), "INVALID_FIELD"],
    ["text that is no UTF-8", invalidUtf8, "MALFORMED_MESSAGE"],
    ["31 levels deep", within(double(1), 31), "VALUE_TOO_LARGE"],
    ["48 levels deep", within(double(1), 48), "VALUE_TOO_LARGE"],
    ["1000 levels deep", within(double(1), 1000), "MALFORMED_MESSAGE"],
  ];
  /** The methods that take data, and the number of its field. */
  const fields = [
    ["Create", 2],
    ["Update", 2],
    ["Update", 3],
    ["Rotate", 4],
  ] as const;

  test.each(values)(
    "%s is refused by every method that takes data",
    async (...[, value, reason]) => {
      const { id, session } = await created({ sessions }, { data: { a: 1 } });
      const before = await headOf({ store });
      for (const [method, field] of fields) {
        const opened = method === "Create" ? Buffer.alloc(0) : text(1, id);
        const body = Buffer.concat([opened, lengthDelimited(field, structOf(value))]);
        const answer = await call(method, body);
        expect([method, answer.code, answer.reason]).toEqual([
          method,
          Code.InvalidArgument,
          reason,
        ]);
      }
      expect([await headOf({ store }), await peeked({ sessions }, id)]).toEqual([before, session]);
    },
  );

  test("a value of no kind is null, as the codec hands it over: of a patch it removes the member", async () => {
    const { id } = await created({ sessions }, { data: { a: 1, b: 2 } });
    const patch = lengthDelimited(3, structOf(Buffer.alloc(0)));
    expect((await call("Update", Buffer.concat([text(1, id), patch]))).code).toBe(0);
    expect((await peeked({ sessions }, id)).data).toEqual({ b: 2 });
  });

  test("of a member sent twice the last counts, as everywhere in protobuf", async () => {
    const twice = Buffer.concat([structOf(double(1)), structOf(double(2))]);
    expect((await call("Create", lengthDelimited(2, twice))).code).toBe(0);
    const created = (await recordsOf(store, "session")).filter(({ value }) =>
      String(value).endsWith('\n{"a":2}'),
    );
    expect(created).toHaveLength(1);
  });
});

test.each([
  ["negative nanoseconds beside a second", { seconds: 1n, nanos: -1_731_000_000 }],
  ["a second less a second", { seconds: 1n, nanos: -1_000_000_000 }],
  ["a second less a nanosecond", { seconds: 1n, nanos: -1 }],
  ["more nanoseconds than a second has", { seconds: 1n, nanos: 1_000_000_000 }],
  ["as many as there can be", { seconds: 2n ** 63n - 1n, nanos: 2 ** 31 - 1 }],
])("a duration of %s is refused, wherever it stands", async (_, duration) => {
  const { id: sessionId } = await created({ sessions });
  const sessionBounds = { idleTimeoutMax: duration };
  const calls = [
    [sessions.create({ policy: { idleTimeout: duration } }), "policy.idle_timeout"],
    [sessions.create({ policy: { absoluteTimeout: duration } }), "policy.absolute_timeout"],
    [sessions.create({ policy: { touchInterval: duration } }), "policy.touch_interval"],
    [sessions.create({ policy: { renewalInterval: duration } }), "policy.renewal_interval"],
    [sessions.rotate({ sessionId, grace: duration }), "grace"],
    [sessions.rotate({ sessionId, grace: duration, subject: "ada" }), "grace"],
    [
      tenants.create({ tenant: { name: "bounded", sessionBounds } }),
      "tenant.session_bounds.idle_timeout_max",
    ],
  ] as const;
  const failures = await failuresOf(calls.map(([call]) => call));
  for (const [at, [, field]] of calls.entries()) {
    expect(failures[at]).toMatchObject({ reason: "INVALID_FIELD", fields: [field] });
  }
});

function call(method: string, body: Uint8Array): Promise<RawAnswer> {
  const path = `/${SessionService.typeName}/${method}`;
  return callRaw(running.target.grpc, { path, body: frame(body) });
}

/** What a room may answer to a request that makes no sense: never that it failed itself. */
const allowed = [
  Code.InvalidArgument,
  Code.NotFound,
  Code.Aborted,
  Code.FailedPrecondition,
  Code.ResourceExhausted,
];

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const sensible = fc.integer({ min: 1, max: 100_000 }).map((ms) => ({
  seconds: BigInt(Math.floor(ms / 1000)),
  nanos: (ms % 1000) * 1_000_000,
}));
const duration = fc.oneof(
  { weight: 3, arbitrary: sensible },
  fc.record({
    seconds: fc.oneof(int64, fc.constantFrom(0n, 1n, -1n, 315_576_000_000n)),
    nanos: int32,
  }),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "ada", "\0"),
);
const data = fc
  .dictionary(text, fc.jsonValue(), { maxKeys: 4 })
  .map((object) => ({ ...object }) as never);
const policy = fc.record(
  {
    idleTimeout: duration,
    absoluteTimeout: duration,
    renewalInterval: duration,
    touchInterval: duration,
    subjectSessionsMax: fc.oneof(int32, fc.integer({ min: 0, max: 3 })),
    atLimit: fc.oneof(int32, fc.integer({ min: 0, max: 2 })),
  },
  { requiredKeys: [] },
);
const anId = fc.oneof(
  { weight: 4, arbitrary: fc.nat().map((number) => ({ known: number })) },
  text.map((raw) => ({ raw })),
);
type AnId = typeof anId extends fc.Arbitrary<infer T> ? T : never;
type Ids = (id: AnId) => string;
type Step = (ids: Ids) => Promise<{ readonly sessionId?: string } | object>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ subject: text, data: maybe(data), policy: maybe(policy) }).map(
    (request): Step =>
      () =>
        sessions.create(defined(request)),
  ),
  fc.record({ id: anId, peek: fc.boolean() }).map(
    ({ id, peek }): Step =>
      (ids) =>
        sessions.get({ sessionId: ids(id), peek }),
  ),
  anId.map(
    (id): Step =>
      (ids) =>
        sessions.touch({ sessionId: ids(id) }),
  ),
  fc
    .record({
      id: anId,
      value: data,
      isPatch: fc.boolean(),
      expectedVersion: fc.oneof(int64, fc.constant(0n)),
    })
    .map(
      ({ id, value, isPatch, expectedVersion }): Step =>
        (ids) => {
          const change = { case: isPatch ? "mergePatch" : "replace", value } as const;
          return sessions.update({ sessionId: ids(id), change: change as never, expectedVersion });
        },
    ),
  fc
    .record({ id: anId, subject: maybe(text), grace: maybe(duration), mergePatch: maybe(data) })
    .map(
      ({ id, ...rest }): Step =>
        (ids) =>
          sessions.rotate({ sessionId: ids(id), ...defined(rest) }),
    ),
  {
    weight: 1,
    arbitrary: anId.map(
      (id): Step =>
        (ids) =>
          sessions.delete({ sessionId: ids(id) }),
    ),
  },
  fc.integer({ min: 0, max: 20_000 }).map(
    (ms): Step =>
      async () => {
        clock.advance(ms);
        return {};
      },
  ),
);

test("whatever is sent, the room does not fail, and all it stores is sound and could be imported", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const known: string[] = ["none"];
      const ids: Ids = (id) => ("raw" in id ? id.raw : (known[id.known % known.length] ?? ""));
      for (const run of steps) {
        const answer = await run(ids).catch((error: unknown) => ConnectError.from(error));
        if (answer instanceof ConnectError) expect(allowed, answer.message).toContain(answer.code);
        else if ("sessionId" in answer) known.push(String(answer.sessionId));
      }
      await expectSound(store);
      await expectImportable();
    }),
    propertyParameters(60),
  );
}, 120_000);

/** What an export holds of sessions, an import would take. */
async function expectImportable(): Promise<void> {
  for (const space of sessionSpaces) {
    for (const { key, value, expireAt = "none" } of await recordsOf(store, space.name)) {
      const parts = partsOf(key).slice(2);
      expect(space.isSound?.({ parts, value }, expireAt), String(value)).toBe(true);
    }
  }
}

/** Without the fields that are not said. */
const defined = <T extends object>(fields: T): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
