import fc from "fast-check";
import { expect } from "vitest";
import { startingWith } from "../../src/store/key.ts";
import type { Entry, Store, Tx } from "../../src/store/store.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { quiet } from "../support/settle.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { why } from "./engine-commits.ts";
import type { ModelEntry, StoreModel } from "./store-model.ts";

export interface RealStore {
  readonly store: Store;
  readonly clock: ManualClock;
}

type Command = fc.AsyncCommand<StoreModel, RealStore>;
type Write =
  | { op: "put"; name: string; value: string; ttl: number | "none" | "keep" }
  | { op: "setExpiry"; name: string; ttl: number | "none" }
  | { op: "delete"; name: string; why: string | undefined };

const names = fc.constantFrom("", "a", "a\0", "a\0b", "ab", "b", "\u{1f600}", "\ue000");
const ttls = fc.constantFrom(1, 2, 50, 99, 100, 101, 1000);
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({
    op: fc.constant("put" as const),
    name: names,
    value: fc.string({ maxLength: 3 }),
    ttl: fc.oneof(ttls, fc.constantFrom("none" as const, "keep" as const)),
  }),
  fc.record({
    op: fc.constant("setExpiry" as const),
    name: names,
    ttl: fc.oneof(ttls, fc.constant("none" as const)),
  }),
  fc.record({ op: fc.constant("delete" as const), name: names, why }),
);

/** All that can be done to a store, for `fc.commands`. */
export const storeCommands = [
  fc.uniqueArray(write, { minLength: 1, maxLength: 4, selector: ({ name }) => name }).map(updating),
  fc.uniqueArray(names, { minLength: 1 }).map(reading),
  fc
    .record({
      prefix: fc.constantFrom("", "a", "a\0", "b"),
      limit: fc.integer({ min: 1, max: 4 }),
      descending: fc.boolean(),
    })
    .map(paging),
  fc.oneof(fc.constant(1), ttls).map(passing),
];

function updating(writes: Write[]): Command {
  return {
    check: () => true,
    async run(model, { store }) {
      const { revision } = await store.update(
        { exclusive: writes.map(({ name }) => at(name)) },
        (tx) => {
          for (const each of writes) apply(tx, each);
        },
      );
      for (const each of writes) applyToModel(model, each, revision);
    },
    toString: () => `update ${JSON.stringify(writes)}`,
  };
}

function apply(tx: Tx, each: Write): void {
  if (each.op === "put") tx.put(at(each.name), each.value, momentOf(each.ttl, tx.now()));
  else if (each.op === "setExpiry") tx.setExpiry(at(each.name), momentOf(each.ttl, tx.now()));
  else tx.delete(at(each.name), each.why);
}

function applyToModel(model: StoreModel, each: Write, revision: number): void {
  if (each.op === "put")
    model.put(each.name, each.value, { revision, expireAt: momentOf(each.ttl, model.now) });
  else if (each.op === "setExpiry") model.setExpiry(each.name, momentOf(each.ttl, model.now));
  else model.delete(each.name, each.why);
}

function momentOf<T extends string>(ttl: number | T, now: number): number | T {
  return typeof ttl === "number" ? now + ttl : ttl;
}

function reading(wanted: string[]): Command {
  return {
    check: () => true,
    async run(model, { store }) {
      const { entries } = await store.get(wanted.map(at));
      expect(entries.map((entry) => entry && seen(entry))).toEqual(
        wanted.map((name) => model.get(name)),
      );
    },
    toString: () => `get ${JSON.stringify(wanted)}`,
  };
}

function paging({
  prefix,
  limit,
  descending,
}: {
  prefix: string;
  limit: number;
  descending: boolean;
}): Command {
  return {
    check: () => true,
    async run(model, { store }) {
      const found: Entry[] = [];
      let page = await store.page(startingWith(testRoot, prefix), { limit, descending });
      for (;;) {
        expect(page.entries.length).toBeLessThanOrEqual(limit);
        found.push(...page.entries);
        if (page.next === undefined) break;
        page = await store.page(startingWith(testRoot, prefix), {
          limit,
          descending,
          after: page.next,
        });
      }
      const expected = byBytes(model.list(prefix));
      if (descending) expected.reverse();
      expect(found.map((entry) => [entry.key, seen(entry)])).toEqual(
        expected.map(([name, entry]) => [at(name), entry]),
      );
    },
    toString: () => `page ${JSON.stringify({ prefix, limit, descending })}`,
  };
}

/** The order of a store is the order of bytes; JavaScript's own is that of UTF-16. */
const byBytes = (list: [string, ModelEntry][]): [string, ModelEntry][] =>
  list.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

function passing(ms: number): Command {
  return {
    check: () => true,
    async run(model, { clock }) {
      clock.advance(ms);
      model.now += ms;
      await quiet(); // a sweep may run now
    },
    toString: () => `advance ${ms}`,
  };
}

const seen = ({ value, version, created, expireAt }: Entry): ModelEntry => ({
  value: value as string,
  version,
  created,
  expireAt,
});
