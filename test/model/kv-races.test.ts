import { create, type DescMethod, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { type Event, EventType, type WatchResponse } from "#gen/tiffin/kv/v1/watch_pb.ts";
import {
  CreateRequestSchema,
  DeleteRequestSchema,
  TenantSchema,
} from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { TiffinError } from "../../src/errors.ts";
import { createKeyValueService } from "../../src/kv/key-value-service.ts";
import { defaultKvLimits } from "../../src/kv/kv-limits.ts";
import { kvSpaces } from "../../src/kv/kv-spaces.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { createTenantService } from "../../src/tenant/tenant-service.ts";
import { text, textOf } from "../contracts/rpc-messages.ts";
import { callContext } from "../support/call-context.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { openScheduledStore } from "../support/scheduled-engine.ts";

const { method: methods } = KeyValueService;

/** The room, called as a transport calls it. */
function openRoom(store: Store, tenant = "default") {
  const clock = new ManualClock();
  const service = createKeyValueService({ store, limits: defaultKvLimits, clock });
  type Calls = Record<string, (request: unknown, context: HandlerContext) => unknown>;
  const call = (method: DescMethod, request: object, signal?: AbortSignal): unknown => {
    const context = callContext(method, { tenant, signal });
    const message = create(method.input, request as MessageInitShape<typeof method.input>);
    return (service as unknown as Calls)[method.localName]?.(message, context);
  };
  return {
    unary: (method: DescMethod, request: object) => call(method, request) as Promise<unknown>,
    watch: (signal: AbortSignal) => call(methods.watch, {}, signal) as AsyncIterable<WatchResponse>,
  };
}

type Act = { readonly name: string; readonly method: DescMethod; readonly request: object };

const key = fc.constantFrom("a", "b");
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(key, fc.constantFrom("", "r1")).map(([name, requestId]) => ({
    name: `set ${name} ${requestId}`,
    method: methods.set,
    request: { key: name, value: text(name), requestId },
  })),
  key.map((name) => ({ name: `delete ${name}`, method: methods.delete, request: { key: name } })),
  fc.constant({ name: "increment", method: methods.increment, request: { key: "n" } }),
  fc.constant({ name: "delete namespace", method: methods.deleteNamespace, request: {} }),
);
const acts = fc.array(act, { minLength: 2, maxLength: 8 });
const end = "~end";

test("whatever races with a namespace's deletion, what a watch tells leads to what is there", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), acts, async (scheduler, plan) => {
      const rooms = [...kvSpaces, ...tenantSpaces];
      const store = await openScheduledStore(scheduler, { locking: true, rooms });
      const settled = <T>(work: Promise<T>): Promise<T> => scheduler.waitFor(work);
      await settled(ensureDefaultTenant(store));
      const room = openRoom(store);
      const watching = new AbortController();
      const stream = room.watch(watching.signal)[Symbol.asyncIterator]();
      await settled(stream.next());
      const told = collect(stream);

      const outcomes = await settled(
        Promise.allSettled(plan.map(({ method, request }) => room.unary(method, request))),
      );
      for (const outcome of outcomes)
        if (outcome.status === "rejected") expectLostRace(outcome.reason);
      await settled(room.unary(methods.set, { key: end, value: text(end) }));
      const events = await settled(told);
      const { entries } = (await settled(room.unary(methods.list, {}))) as {
        entries: { key: string; version: bigint }[];
      };

      expect(replay(events)).toEqual(new Map(entries.map((entry) => [entry.key, entry.version])));
      expectOnce(outcomes, events);
      watching.abort();
    }),
    propertyParameters(150),
  );
}, 120_000);

test("nothing is written for a tenant that is gone, be it purged yet or not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, isDelete) => {
      const rooms = [...kvSpaces, ...tenantSpaces];
      const store = await openScheduledStore(scheduler, { locking: true, rooms });
      const room = openRoom(store, "t");
      const tenants = createTenantService({ store, limits: { tenantsMax: 10 } });
      const context = callContext(methods.set, { tenant: "t" });
      const tenant = create(TenantSchema, { name: "t" });
      const creation = create(CreateRequestSchema, { tenant });
      await scheduler.waitFor(Promise.resolve(tenants.create(creation, context)));
      await scheduler.waitFor(room.unary(methods.set, { key: "a", value: text("one") }));
      await scheduler.waitFor(room.unary(methods.get, { key: "a" })); // remembers where it is
      const deletion = create(DeleteRequestSchema, { name: "t" });
      await scheduler.waitFor(Promise.resolve(tenants.delete(deletion, context)));
      const late = isDelete
        ? room.unary(methods.delete, { key: "a" })
        : room.unary(methods.set, { key: "a", value: text("two") });
      const outcome = await scheduler.waitFor(late.catch((error: unknown) => error));
      expect(outcome).toMatchObject({ kind: "tenant_not_found" });
    }),
    propertyParameters(50),
  );
});

test("what a deleted namespace has left behind decides nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const rooms = [...kvSpaces, ...tenantSpaces];
      const store = await openScheduledStore(scheduler, { locking: true, rooms });
      await scheduler.waitFor(ensureDefaultTenant(store));
      const room = openRoom(store);
      await scheduler.waitFor(room.unary(methods.set, { key: "n", value: text("no counter") }));
      await scheduler.waitFor(room.unary(methods.deleteNamespace, {}));
      // Purged or not by now: the room still remembers where the namespace was.
      const answer = await scheduler.waitFor(room.unary(methods.increment, { key: "n" }));
      expect(answer).toMatchObject({ integer: 1n });
    }),
    propertyParameters(50),
  );
});

async function collect(stream: AsyncIterator<WatchResponse>): Promise<Event[]> {
  const events: Event[] = [];
  while (!events.some(({ entry }) => entry?.key === end && textOf(entry.value) === end)) {
    events.push(...((await stream.next()).value as WatchResponse).events);
  }
  return events;
}

/** What is there after the events, by version. */
function replay(events: readonly Event[]): Map<string, bigint> {
  const versions = new Map<string, bigint>();
  for (const { type, entry } of events) {
    if (type === EventType.PUT && entry) versions.set(entry.key, entry.version);
    else if (type === EventType.DELETE && entry) versions.delete(entry.key);
    else versions.clear();
  }
  return versions;
}

/** Every write that was acknowledged was told of once; a repeat under one id is one write. */
function expectOnce(outcomes: PromiseSettledResult<unknown>[], events: readonly Event[]): void {
  const told = events.flatMap(({ type, entry }) =>
    type === EventType.PUT && entry ? [entry.version] : [],
  );
  expect(new Set(told).size).toBe(told.length);
  for (const outcome of outcomes) {
    const version =
      outcome.status === "fulfilled" && (outcome.value as { version?: bigint }).version;
    if (version) expect(told).toContain(version);
  }
}

/** With ids reused over other content, and races lost too often, a call may fail; never otherwise. */
function expectLostRace(reason: unknown): void {
  expect(reason).toBeInstanceOf(TiffinError);
  expect(["request_id_reused", "contention"]).toContain((reason as TiffinError).kind);
}
