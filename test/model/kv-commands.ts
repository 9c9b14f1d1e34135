import fc from "fast-check";
import { expect } from "vitest";
import type { Entry } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { durationOf, failureOf, msOf } from "../contracts/rpc-messages.ts";
import type { RpcSubject } from "../contracts/rpc-subject.ts";
import { eventually } from "../support/settle.ts";
import { type KvModel, type ModelEntry, toValue } from "./kv-model.ts";

type Command = fc.AsyncCommand<KvModel, RpcSubject>;
type Step = (model: KvModel, rpc: RpcSubject) => Promise<void>;

const namespace = fc.constantFrom("", "n");
const key = fc.constantFrom("a", "b", "ba", "\u{1f600}");
const value = fc.oneof(fc.constantFrom("x", "y"), fc.constantFrom(0n, 2n ** 63n - 1n));
const ttl = fc.option(fc.constantFrom(1, 2, 1000), { nil: undefined });
/** None, one that holds, one that does not. */
const condition = fc.constantFrom("none", "holds", "broken");

const command = (name: string, step: Step): Command => ({
  check: () => true,
  async run(model, rpc) {
    await step(model, rpc);
    await compare(model, rpc);
  },
  toString: () => name,
});

const set = fc
  .tuple(namespace, key, value, ttl, condition, fc.boolean())
  .map(([space, name, written, ms, asked, keep]) =>
    command(
      `set ${space} ${name} ${written} ttl ${ms} ${asked} keep ${keep}`,
      async (model, rpc) => {
        const before = model.get(space, name);
        const expiry = keep
          ? { kind: { case: "keep" as const, value: true } }
          : ms !== undefined && { kind: { case: "ttl" as const, value: durationOf(ms) } };
        const call = rpc.kv.set({
          namespace: space,
          key: name,
          value: toValue(written),
          returnPrevious: true,
          ...(expiry && { expiry }),
          ...preconditionOf(asked, before),
        });
        if (asked === "broken") {
          await expectBroken(call);
          return;
        }
        const { version, createVersion, expireTime, previous } = await call;
        const own = ms === undefined ? undefined : model.now + ms;
        const expireAt = keep ? before?.expireAt : own;
        expect(createVersion).toBe(before?.createVersion ?? version);
        expect(msOf(expireTime)).toBe(expireAt);
        expectEntry(previous, before);
        model.put(space, name, { value: written, version, createVersion, expireAt });
      },
    ),
  );

const remove = fc.tuple(namespace, key, condition).map(([space, name, asked]) =>
  command(`delete ${space} ${name} ${asked}`, async (model, rpc) => {
    const before = model.get(space, name);
    const precondition = preconditionOf(asked, before);
    const call = rpc.kv.delete({ namespace: space, key: name, ...precondition });
    if (asked === "broken") {
      await expectBroken(call);
      return;
    }
    expect((await call).deleted).toBe(before !== undefined);
    model.delete(space, name);
  }),
);

const removeRange = fc.tuple(namespace, key, key).map(([space, one, two]) =>
  command(`delete range ${space} ${one} ${two}`, async (model, rpc) => {
    const [start, end] = one < two ? [one, two] : [two, one];
    const selector = { case: "range" as const, value: { start, end } };
    const { deletedCount } = await rpc.kv.deleteRange({ namespace: space, selector });
    const within = model.keys(space).filter((name) => name >= start && name < end);
    expect(deletedCount).toBe(BigInt(within.length));
    for (const name of within) model.delete(space, name);
  }),
);

const increment = fc
  .tuple(namespace, key, fc.constantFrom(-1n, 1n, 5n), ttl)
  .map(([space, name, delta, ms]) =>
    command(`increment ${space} ${name} ${delta} ttl ${ms}`, async (model, rpc) => {
      const before = model.get(space, name);
      const expiry = ms !== undefined && {
        expiryIfCreated: { kind: { case: "ttl" as const, value: durationOf(ms) } },
      };
      const call = rpc.kv.increment({ namespace: space, key: name, delta, ...expiry });
      const was = before?.value ?? 0n;
      if (typeof was === "string") {
        expect((await failureOf(call)).reason).toBe("WRONG_VALUE_KIND");
        return;
      }
      const sum = was + delta;
      if (sum >= 2n ** 63n) {
        expect((await failureOf(call)).reason).toBe("INTEGER_OVERFLOW");
        return;
      }
      const { integer, version, expireTime } = await call;
      const own = ms === undefined ? undefined : model.now + ms;
      const expireAt = before === undefined ? own : before.expireAt;
      expect([integer, msOf(expireTime)]).toEqual([sum, expireAt]);
      const createVersion = before?.createVersion ?? version;
      model.put(space, name, { value: sum, version, createVersion, expireAt });
    }),
  );

const expire = fc.tuple(namespace, key, ttl).map(([space, name, ms]) =>
  command(`expire ${space} ${name} ${ms}`, async (model, rpc) => {
    const before = model.get(space, name);
    const expiry =
      ms === undefined
        ? { case: "persist" as const, value: true }
        : { case: "ttl" as const, value: durationOf(ms) };
    const answer = await rpc.kv.expire({ namespace: space, key: name, expiry });
    expect([answer.found, answer.applied]).toEqual([before !== undefined, before !== undefined]);
    expect(answer.version).toBe(before?.version ?? 0n);
    const expireAt = ms === undefined ? undefined : model.now + ms;
    if (before !== undefined) model.put(space, name, { ...before, expireAt });
  }),
);

const removeNamespace = namespace.map((space) =>
  command(`delete namespace ${space}`, async (model, rpc) => {
    const { deleted } = await rpc.kv.deleteNamespace({ namespace: space });
    expect(deleted).toBe(model.keys(space).length > 0);
    model.deleteNamespace(space);
  }),
);

const pass = fc.constantFrom(1, 2, 998, 999, 1000).map((ms) =>
  command(`${ms} ms pass`, async (model, rpc) => {
    rpc.clock.advance(ms);
    model.now += ms;
  }),
);

/** Everything one can do, in any order. */
export const kvCommands = fc.commands(
  [set, remove, removeRange, increment, expire, removeNamespace, pass],
  { maxCommands: 40 },
);

/** All that can be read says what the model says. */
async function compare(model: KvModel, { kv }: RpcSubject): Promise<void> {
  for (const space of ["", "n"]) {
    const keys = model.keys(space);
    const { entries } = await kv.list({ namespace: space });
    expect(entries.map((entry) => entry.key)).toEqual(keys);
    for (const entry of entries) expectEntry(entry, model.get(space, entry.key));
    expect((await kv.count({ namespace: space })).count).toBe(BigInt(keys.length));
    expectEntry((await kv.get({ namespace: space, key: "a" })).entry, model.get(space, "a"));
  }
  const { namespaces } = await kv.listNamespaces({});
  expect(namespaces.map(({ name }) => name)).toEqual(model.namespaces());
}

function expectEntry(entry: Entry | undefined, expected: ModelEntry | undefined): void {
  if (entry === undefined || expected === undefined) {
    expect(entry).toBe(expected);
    return;
  }
  expect(entry.value?.kind).toEqual(toValue(expected.value).kind);
  expect([entry.version, entry.createVersion, msOf(entry.expireTime)]).toEqual([
    expected.version,
    expected.createVersion,
    expected.expireAt,
  ]);
}

function preconditionOf(asked: string, before: ModelEntry | undefined) {
  if (asked === "none") return {};
  const exists = (is: boolean) => ({ case: "exists" as const, value: is });
  if (before === undefined) return { precondition: { condition: exists(asked === "broken") } };
  const version = asked === "holds" ? before.version : before.version + 1n;
  return { precondition: { condition: { case: "version" as const, value: version } } };
}

async function expectBroken(call: Promise<unknown>): Promise<void> {
  expect((await failureOf(call)).reason).toBe("PRECONDITION_FAILED");
}

/** Once swept, what has expired takes no room. */
export async function untilSwept(rpc: RpcSubject): Promise<void> {
  await eventually(rpc.clock, async () => {
    const { namespaces } = await rpc.kv.listNamespaces({});
    const counts = await Promise.all(
      namespaces.map(({ name }) => rpc.kv.count({ namespace: name })),
    );
    return namespaces.every(({ entryCount }, at) => entryCount === counts[at]?.count);
  });
}
