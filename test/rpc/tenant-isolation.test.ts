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
async function seen({ kv }: RpcSubject, tenant: Tenant): Promise<unknown[]> {
  const all: unknown[] = [];
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

test("nothing done in one tenant is visible in another, or changes it, by any method", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (plan) => {
      for (const name of tenants) {
        await rpc.tenants.delete({ name });
        await rpc.tenants.create({ tenant: { name } });
      }
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
        for (const name of tenants) {
          await rpc.tenants.delete({ name });
          await rpc.tenants.create({ tenant: { name } });
        }
        const reader = new WatchReader((signal) =>
          rpc.kv.watch({ namespace }, { signal, ...as("b") }),
        );
        try {
          await reader.next();
          for (const { run } of plan) await settle(rpc.clock, run(rpc, "a"));
          await rpc.kv.set({ namespace, key: quiet, value: integer(1n) }, as("b"));
          const [event] = await reader.events(1);
          expect(event?.entry?.key).toBe(quiet);
        } finally {
          await reader.end();
        }
      },
    ),
    propertyParameters(30),
  );
}, 120_000);

/** Every text in what was seen: each was written by a tenant in its own name. */
function* texts(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  const { kind } = value as { kind?: { case?: string; value?: unknown } };
  if (kind?.case === "text") yield String(kind.value);
  for (const part of Object.values(value)) yield* texts(part);
}
