import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { integer, text, WatchReader } from "../contracts/rpc-messages.ts";
import { openRpc, type RpcSubject } from "../contracts/rpc-subject.ts";
import { propertyParameters } from "../support/property.ts";
import { settle } from "../support/settle.ts";

/** Names that some other store would confuse: paths, separators, NUL, what looks like another's key, astral ones. */
const names = [
  "",
  "a",
  "../",
  "../b",
  "a/b",
  "a\u0000",
  "a\u0000b",
  "b",
  "1",
  "kv",
  "\u{1f600}",
  "\uffff",
];
const keys = names.filter((name) => name !== "");
const tenants = ["a", "b"] as const;

type Tenant = (typeof tenants)[number];
type Act = (rpc: RpcSubject, tenant: Tenant) => Promise<unknown>;

const as = (tenant: Tenant) => ({ headers: { "tiffin-tenant": tenant } });
const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of stream);
};

const place = fc.record({
  namespace: fc.constantFrom(...names),
  key: fc.constantFrom(...keys),
  other: fc.constantFrom(...keys),
});

/** The id of a session in each tenant, as it was at first. */
const sessionIds = new Map<Tenant, string>();

/** What sessions can be asked for, in one tenant, with an id from that or the other; a handle from there as well. */
function sessionActs(owner: Tenant): (() => [string, Act])[] {
  const act = (name: string, run: (rpc: RpcSubject, sessionId: string, t: Tenant) => unknown) => {
    const attempt: Act = async (rpc, t) => {
      const found = sessionIds.get(owner) ?? "";
      // An id of the other tenant, or of a session that has ended, opens nothing; one in its grace is not rotated.
      await Promise.resolve(run(rpc, found, t)).catch((error) => {
        expect([Code.NotFound, Code.FailedPrecondition]).toContain(ConnectError.from(error).code);
      });
    };
    return (): [string, Act] => [`session ${name} with an id of ${owner}`, attempt];
  };
  const subject = "ada";
  const patch = (of: Tenant) => ({ case: "mergePatch" as const, value: { of } });
  const handleIn = async ({ sessions }: RpcSubject): Promise<string> =>
    (await sessions.listBySubject({ subject }, as(owner))).sessions[0]?.handle ?? "none";
  return [
    act("Create", ({ sessions }, _, t) => sessions.create({ subject, data: { of: t } }, as(t))),
    act("Get", ({ sessions }, sessionId, t) => sessions.get({ sessionId }, as(t))),
    act("Touch", ({ sessions }, sessionId, t) => sessions.touch({ sessionId }, as(t))),
    act("Update", ({ sessions }, sessionId, t) =>
      sessions.update({ sessionId, change: patch(t) }, as(t)),
    ),
    act("Rotate", ({ sessions }, sessionId, t) =>
      sessions.rotate({ sessionId, mergePatch: { of: t } }, as(t)),
    ),
    act("login", ({ sessions }, sessionId, t) =>
      sessions.rotate({ sessionId, subject: "bob", mergePatch: { of: t } }, as(t)),
    ),
    act("Delete", ({ sessions }, sessionId, t) => sessions.delete({ sessionId }, as(t))),
    act("List", ({ sessions }, _, t) => sessions.list({}, as(t))),
    act("ListBySubject", ({ sessions }, _, t) => sessions.listBySubject({ subject }, as(t))),
    act("DeleteBySubject", ({ sessions }, _, t) => {
      const which = { case: "all", value: true } as const;
      return sessions.deleteBySubject({ subject, which, requestId: "once" }, as(t));
    }),
    act("DeleteBySubject of a handle", async (rpc, _, t) => {
      const which = { case: "handle", value: await handleIn(rpc) } as const;
      return rpc.sessions.deleteBySubject({ subject, which }, as(t));
    }),
    act("DeleteAll", ({ sessions }, _, t) => sessions.deleteAll({}, as(t))),
  ];
}

/** Every method, in one tenant. What it answers does not matter here; what it does to the other tenant does. */
const acts: ((at: { namespace: string; key: string; other: string }) => [string, Act])[] = [
  ({ namespace, key }) => ["Get", ({ kv }, t) => kv.get({ namespace, key }, as(t))],
  ({ namespace, key, other }) => [
    "BatchGet",
    ({ kv }, t) => kv.batchGet({ namespace, keys: [key, other] }, as(t)),
  ],
  ({ namespace, key }) => ["Set", ({ kv }, t) => kv.set({ namespace, key, value: text(t) }, as(t))],
  ({ namespace, key }) => [
    "Set with an id",
    // The same in both tenants, and one for each place: other content under an id is refused, rightly.
    ({ kv }, t) => {
      const requestId = `${names.indexOf(namespace)}-${keys.indexOf(key)}`;
      return kv.set({ namespace, key, value: text(t), requestId }, as(t));
    },
  ],
  ({ namespace, key }) => ["Delete", ({ kv }, t) => kv.delete({ namespace, key }, as(t))],
  ({ namespace, key, other }) => [
    "BatchSet",
    ({ kv }, t) => {
      const items = [...new Set([key, other])].map((name) => ({ key: name, value: text(t) }));
      return kv.batchSet({ namespace, items }, as(t));
    },
  ],
  ({ namespace, key }) => [
    "BatchDelete",
    ({ kv }, t) => kv.batchDelete({ namespace, items: [{ key }] }, as(t)),
  ],
  ({ namespace, key }) => [
    "DeleteRange",
    ({ kv }, t) => kv.deleteRange({ namespace, selector: { case: "prefix", value: key } }, as(t)),
  ],
  ({ namespace }) => [
    "DeleteRange of everything",
    ({ kv }, t) => kv.deleteRange({ namespace, selector: { case: "range", value: {} } }, as(t)),
  ],
  ({ namespace, key, other }) => [
    "Transact",
    ({ kv }, t) => {
      const set = { case: "set" as const, value: { key, value: text(t) } };
      const steps = [{ operation: set }, { operation: { case: "get" as const, value: other } }];
      const comparisons = [{ key: other, operand: { case: "exists" as const, value: true } }];
      return kv.transact({ namespace, comparisons, otherwise: steps }, as(t));
    },
  ],
  ({ namespace }) => [
    "Increment",
    ({ kv }, t) => kv.increment({ namespace, key: "counter" }, as(t)),
  ],
  ({ namespace, key }) => [
    "Expire",
    ({ kv }, t) =>
      kv.expire({ namespace, key, expiry: { case: "ttl", value: { seconds: 1000n } } }, as(t)),
  ],
  ({ namespace }) => ["List", ({ kv }, t) => kv.list({ namespace }, as(t))],
  ({ namespace }) => ["Count", ({ kv }, t) => kv.count({ namespace }, as(t))],
  ({ namespace }) => ["Scan", ({ kv }, t) => drain(kv.scan({ namespace }, as(t)))],
  () => ["ListNamespaces", ({ kv }, t) => kv.listNamespaces({}, as(t))],
  ({ namespace }) => ["DeleteNamespace", ({ kv }, t) => kv.deleteNamespace({ namespace }, as(t))],
  ...(["a", "b"] as const).flatMap(sessionActs),
  () => [
    "tenant Update",
    (rpc, t) => rpc.tenants.update({ tenant: { name: t, displayName: "x" } }),
  ],
  () => [
    "tenant Delete and Create",
    async (rpc, t) => {
      await rpc.tenants.delete({ name: t });
      await rpc.tenants.create({ tenant: { name: t } });
    },
  ],
];

const act = fc
  .tuple(fc.constantFrom(...acts), place, fc.constantFrom(...tenants))
  .map(([make, at, tenant]) => {
    const [name, run] = make(at);
    return { tenant, run, [fc.toStringMethod]: () => `${tenant}: ${name} ${JSON.stringify(at)}` };
  });

/** All that the tenant's callers can see, whichever method they ask. */
async function seen({ kv, sessions }: RpcSubject, tenant: Tenant): Promise<unknown[]> {
  const all: unknown[] = [];
  all.push((await sessions.list({ pageSize: 1000 }, as(tenant))).sessions);
  const { namespaces } = await kv.listNamespaces({}, as(tenant));
  all.push(namespaces);
  for (const namespace of names) {
    for await (const { entries } of kv.scan({ namespace }, as(tenant)))
      all.push(namespace, entries);
    const { results } = await kv.batchGet({ namespace, keys }, as(tenant));
    all.push(results.map(({ entry }) => entry));
    all.push((await kv.count({ namespace }, as(tenant))).count);
  }
  return all;
}

let rpc: RpcSubject;
beforeAll(async () => {
  rpc = await openRpc("grpc");
});
afterAll(() => rpc.close());

/** Two tenants with nothing but a session each. */
async function beginAnew(): Promise<void> {
  for (const name of tenants) {
    await rpc.tenants.delete({ name });
    await rpc.tenants.create({ tenant: { name } });
    const session = { subject: "ada", data: { of: name } };
    sessionIds.set(name, (await rpc.sessions.create(session, as(name))).sessionId);
  }
}

test("nothing done in one tenant is visible in another, or changes it, by any method", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (plan) => {
      await beginAnew();
      for (const { tenant, run } of plan) {
        const other = tenant === "a" ? "b" : "a";
        const before = await seen(rpc, other);
        await settle(rpc.clock, run(rpc, tenant));
        expect(await seen(rpc, other)).toEqual(before);
        for (const value of texts(await seen(rpc, tenant))) expect(value).toBe(tenant);
      }
    }),
    propertyParameters(12),
  );
}, 120_000);

test("a watch in one tenant is told of nothing that is done in the other", async () => {
  const quiet = "watched-only-by-its-own";
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(...names),
      async (plan, namespace) => {
        await beginAnew();
        const reader = new WatchReader((signal) =>
          rpc.kv.watch({ namespace }, { signal, ...as("b") }),
        );
        const sessions = new WatchReader((signal) =>
          rpc.sessions.watch({}, { signal, ...as("b") }),
        );
        try {
          await reader.next();
          await sessions.next();
          for (const { run } of plan) await settle(rpc.clock, run(rpc, "a"));
          await rpc.sessions.create({ subject: quiet }, as("b"));
          expect((await sessions.events(1))[0]?.session?.subject).toBe(quiet);
          await rpc.kv.set({ namespace, key: quiet, value: integer(1n) }, as("b"));
          const [event] = await reader.events(1);
          expect(event?.entry?.key).toBe(quiet);
        } finally {
          await reader.end();
          await sessions.end();
        }
      },
    ),
    propertyParameters(30),
  );
}, 120_000);

/** Every text in what was seen: each was written by a tenant in its own name. */
function* texts(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  const { kind, of } = value as { kind?: { case?: string; value?: unknown }; of?: string };
  if (kind?.case === "text") yield String(kind.value);
  if (of !== undefined) yield of;
  for (const part of Object.values(value)) yield* texts(part);
}
