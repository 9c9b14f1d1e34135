import fc from "fast-check";
import {
  contains,
  type Key,
  key,
  only,
  type Range,
  startingWith,
  within,
} from "../../src/store/key.ts";
import type { Commit, Expectation, Mutation } from "../../src/store/store.ts";
import type { EngineModel } from "./engine-model.ts";

/** One root in each kind of space, and one more that shares its space. */
export const roots: readonly Key[] = [
  key(1, "test", 1),
  key(1, "test", 2),
  key(2, "quiet", 1),
  key(1, "cache", 1),
];

const names = ["", "a", "a\0", "ab", "b", "\u{1f600}", "\ue000"];
export const keys: fc.Arbitrary<Key> = fc
  .tuple(fc.constantFrom(...roots), fc.constantFrom(...names))
  .map(([root, name]) => `${root}${key(name)}` as Key);

export const ranges: fc.Arbitrary<Range> = fc.oneof(
  fc.constantFrom(...roots).map(within),
  fc
    .tuple(fc.constantFrom(...roots), fc.constantFrom("", "a", "b"))
    .map(([root, prefix]) => startingWith(root, prefix)),
  keys.map(only),
  fc.tuple(keys, keys).map(([a, b]) => (a < b ? { start: a, end: b } : { start: b, end: a })),
);

/** Milliseconds from now: what has expired already, what is about to, and what a step or two reaches. */
const ttls = fc.constantFrom(-5, 0, 1, 2, 49, 50, 51, 500);
const expiry = fc.oneof(ttls, fc.constant("none" as const));

/** Any text that is well-formed, and none. */
export const why = fc.option(fc.string({ unit: "binary", maxLength: 4 }), { nil: undefined });

/** A mutation or expectation of a commit, once the time and what is stored are known. */
type Pending<T> = (model: EngineModel) => T;

const at = (model: EngineModel, ttl: number | "none" | "keep"): number | "none" | "keep" =>
  typeof ttl === "number" ? model.now + ttl : ttl;

const mutation: fc.Arbitrary<Pending<Mutation>> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        key: keys,
        value: fc.string({ maxLength: 3, unit: "grapheme-ascii" }),
        ttl: fc.oneof(expiry, fc.constant("keep" as const)),
        anew: fc.constantFrom({}, {}, {}, { anew: true as const }),
      })
      .map(({ ttl, anew, ...put }) => {
        return (model: EngineModel) => ({
          op: "put" as const,
          ...put,
          ...anew,
          expireAt: at(model, ttl),
        });
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ key: keys, age: fc.integer({ min: -2, max: 9 }), ttl: expiry })
      .map(({ key: brought, age, ttl }) => (model: EngineModel): Mutation => {
        const version = model.head - age;
        return {
          op: "put",
          key: brought,
          value: "brought",
          expireAt: at(model, ttl),
          origin: { version, created: version - 1 },
        };
      }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(keys, expiry).map(([changed, ttl]) => (model: EngineModel) => {
      return {
        op: "setExpiry" as const,
        key: changed,
        expireAt: at(model, ttl) as number | "none",
      } as const;
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        key: keys,
        stored: fc.nat(9), // most keys have nothing to delete
        reason: fc.constantFrom("deleted" as const, "expired" as const),
        why,
      })
      .map(({ key: other, stored, reason, why }) => (model: EngineModel): Mutation => {
        const deletion = { op: "delete", key: [...model.records.keys()][stored] ?? other } as const;
        return reason === "deleted" && why !== undefined
          ? { ...deletion, reason, why }
          : { ...deletion, reason };
      }),
  },
  {
    weight: 1,
    arbitrary: ranges.map((range) => () => ({ op: "deleteRange" as const, range })),
  },
);

/** Right about half the time: what is stored now, or something near it. */
const expectation: fc.Arbitrary<Pending<Expectation>> = fc.oneof(
  fc
    .record({
      key: keys,
      is: fc.constantFrom("present", "absent", "expired", "version", "expiry", "created"),
      off: fc.constantFrom(0, 0, 0, 1),
    })
    .map(({ key: expected, is, off }) => (model: EngineModel): Expectation => {
      const stored = model.records.get(expected);
      const version = (stored?.version ?? model.head) + off;
      if (is === "version") return { key: expected, is: { version } };
      if (is === "expiry") {
        const expireAt = stored?.expireAt === undefined ? "none" : stored.expireAt + off;
        return { key: expected, is: { version: stored?.version ?? 0, expireAt } };
      }
      if (is === "created") {
        return { key: expected, is: { created: (stored?.created ?? model.head) + off } };
      }
      return { key: expected, is: is as "present" };
    }),
  fc.tuple(ranges, fc.integer({ min: -1, max: 6 })).map(([range, back]) => {
    return (model: EngineModel): Expectation => {
      if (back < 0) return { range, unchangedSince: model.head + 1 };
      const unchangedSince = model.commits.at(-1 - back)?.revision ?? model.floor - back;
      return { range, unchangedSince };
    };
  }),
);

/** A batch of commits whose ids nothing else has. */
export const batches: fc.Arbitrary<Pending<Commit[]>> = fc
  .array(
    fc.record({
      expect: fc.array(expectation, { maxLength: 2 }),
      mutations: fc.array(mutation, { maxLength: 5 }),
      wantPrevious: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map(
    (commits) => (model: EngineModel) =>
      commits.map(({ expect, mutations, wantPrevious }, index) => ({
        id: `${model.head}-${model.commits.length}-${index}`,
        expect: expect.map((pending) => pending(model)),
        mutations: eachKeyOnce(mutations.map((pending) => pending(model))),
        wantPrevious,
      })),
  );

/** A key is named at most once in a commit, range deletions included. */
function eachKeyOnce(mutations: readonly Mutation[]): Mutation[] {
  const named: Range[] = [];
  return mutations.filter((each) => {
    const range = each.op === "deleteRange" ? each.range : only(each.key);
    if (named.some((other) => overlap(range, other))) return false;
    named.push(range);
    return true;
  });
}

const overlap = (a: Range, b: Range): boolean => contains(a, b.start) || contains(b, a.start);
