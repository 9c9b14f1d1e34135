import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { checkResolved, type KeysHistory } from "./check-keys.ts";
import { historyOf, steps } from "./history-arbitrary.ts";
import type { Effect, Guard, Input, Output, Seen } from "./keys-model.ts";
import { type Change, type Commit, resolveUnknown } from "./resolve-unknown.ts";
import { hiddenMistakes, mistakes } from "./sequential-keys.ts";

const write = (effect: Effect, guard?: Guard): Input => ({
  name: effect.do,
  keys: [effect.key],
  effects: [effect],
  ...(guard && { guard }),
});
const put = (value: string, guard?: Guard): Input => write({ do: "put", key: "k", value }, guard);
const add = (delta: number): Input => write({ do: "add", key: "k", delta });
const remove = (guard?: Guard): Input => write({ do: "delete", key: "k" }, guard);
const read: Input = { name: "read", keys: ["k"], effects: [] };

type Call = KeysHistory[number];
const answered = (input: Input, call: number, output: Partial<Output>): Call => ({
  client: 0,
  call,
  return: call + 1,
  input,
  output: { held: true, ...output },
});
const unknown = (input: Input, call: number): Call => ({
  client: 1,
  call,
  return: Number.POSITIVE_INFINITY,
  input,
  output: undefined,
});
const seen = (value: string, version: number, created = version): Seen => ({
  value,
  version,
  created,
});
const sees = (entry: Seen | null, call: number, revision: number): Call =>
  answered(read, call, { revision, before: { k: entry } });
const commit = (revision: number, before?: Seen, after?: Seen): Commit => {
  const change: Change = { key: "k", before, after };
  return { revision, changes: [change] };
};

const one = seen("one", 10);
const two = seen("two", 20, 10);
const written = answered(put("one"), 0, { revision: 10, before: { k: null } });

describe("what became of a call that was not answered", () => {
  test("what stands in the store's history has happened by the time that it was first seen", () => {
    const history = [written, unknown(put("two"), 2), sees(one, 4, 10), sees(two, 6, 20)];
    const commits = [commit(10, undefined, one), commit(20, one, two)];
    const resolved = resolveUnknown(history, commits);
    expect(resolved.problems).toEqual([]);
    expect(resolved.history.at(-1)).toMatchObject({
      call: 2,
      return: 7,
      output: { held: true, revision: 20, before: { k: one }, created: { k: 10 } },
    });
    expect(checkResolved(history, commits).is).toBe("ok");
  });

  test("what does not stand there did not happen", () => {
    const history = [written, unknown(put("two"), 2), unknown(add(3), 2), unknown(remove(), 2)];
    const resolved = resolveUnknown(history, [commit(10, undefined, one)]);
    expect(resolved).toEqual({ history: [written], problems: [] });
  });

  test("an increment is found by what it added", () => {
    const five = seen("5", 10);
    const history = [unknown(add(3), 0), unknown(add(5), 1), sees(five, 2, 10)];
    const { history: resolved, problems } = resolveUnknown(history, [commit(10, undefined, five)]);
    expect(problems).toEqual([]);
    expect(resolved.at(-1)?.input).toEqual(add(5));
  });

  test("of two deletions one did what is there once, from the call of the earlier one on", () => {
    const guarded = unknown(remove({ key: "k", version: 10 }), 4);
    const history = [written, unknown(remove(), 2), guarded, sees(null, 6, 20)];
    const { history: resolved } = resolveUnknown(history, [
      commit(10, undefined, one),
      commit(20, one),
    ]);
    expect(resolved).toHaveLength(3);
    expect(resolved.at(-1)).toMatchObject({ call: 2, return: 7, input: guarded.input });
  });

  test("the deletion with the narrower guard leaves the other for another time", () => {
    const history = [
      written,
      unknown(remove(), 2),
      unknown(remove({ key: "k", value: "one" }), 3),
      answered(put("two"), 6, { revision: 30, before: { k: null } }),
      sees(null, 8, 40),
    ];
    const again = seen("two", 30);
    const commits = [
      commit(10, undefined, one),
      commit(20, one),
      commit(30, undefined, again),
      commit(40, again),
    ];
    expect(checkResolved(history, commits).is).toBe("ok");
  });
});

describe("an unknown outcome excuses nothing", () => {
  const wrong: Readonly<Record<string, [KeysHistory, Commit[]]>> = {
    "a write that stands in the store's history twice": [
      [written, unknown(put("two"), 2)],
      [commit(10, undefined, one), commit(20, one, two), commit(30, two, seen("two", 30, 10))],
    ],
    "an increment that was added twice at once": [
      [unknown(add(5), 0), sees(seen("10", 10), 2, 10)],
      [commit(10, undefined, seen("10", 10))],
    ],
    "a deletion more than there were": [
      [written, unknown(remove(), 2), answered(put("two"), 4, { revision: 30 })],
      [
        commit(10, undefined, one),
        commit(20, one),
        commit(30, undefined, seen("two", 30)),
        commit(40, seen("two", 30)),
      ],
    ],
    "a write that its guard refuses": [
      [written, unknown(put("two", { key: "k", exists: false }), 2)],
      [commit(10, undefined, one), commit(20, one, two)],
    ],
    "a write that was seen and is not in the store's history": [
      [written, unknown(put("two"), 2), sees(two, 4, 20)],
      [commit(10, undefined, one)],
    ],
    "a write that was seen, and then was not": [
      [written, unknown(put("two"), 2), sees(two, 4, 20), sees(one, 6, 20)],
      [commit(10, undefined, one), commit(20, one, two)],
    ],
    "a write that was seen before its call": [
      [written, sees(two, 2, 20), unknown(put("two"), 4)],
      [commit(10, undefined, one), commit(20, one, two)],
    ],
    "a read after it, which does not see it, though a later revision was told": [
      [written, unknown(put("two"), 2), sees(one, 4, 30)],
      [commit(10, undefined, one), commit(20, one, two)],
    ],
    "a write that nobody asked for": [
      [written, unknown(put("three"), 2)],
      [commit(10, undefined, one), commit(20, one, two)],
    ],
    "an acknowledged write that is not in the store's history": [[written], []],
    "an acknowledged write that stands there otherwise": [
      [written],
      [commit(10, undefined, seen("other", 10))],
    ],
    "two writes acknowledged at one revision": [
      [written, answered(put("one"), 2, { revision: 10 })],
      [commit(10, undefined, one)],
    ],
  };
  for (const [mistake, [history, commits]] of Object.entries(wrong)) {
    test(`${mistake} is illegal`, () => {
      expect(checkResolved(history, commits).is).toBe("illegal");
    });
  }
});

describe("generated histories with the store's own", () => {
  test("are right, and none of their outcomes stays unknown", () => {
    fc.assert(
      fc.property(steps, (planned) => {
        const { history, commits } = historyOf(planned);
        const resolved = resolveUnknown(history, commits);
        expect(resolved.problems).toEqual([]);
        expect(resolved.history.filter(({ output }) => output === undefined)).toEqual([]);
        expect(checkResolved(history, commits)).toEqual({ is: "ok" });
      }),
      propertyParameters(),
    );
  });

  for (const [mistake, isHidden] of [
    ...mistakes.map((name) => [name, false] as const),
    ...hiddenMistakes.map((name) => [name, true] as const),
  ]) {
    const how = isHidden ? "whose outcome is unknown" : "beside unknown outcomes";
    test(`a ${mistake} ${how} is caught wherever it happens`, () => {
      let planted = 0;
      fc.assert(
        fc.property(steps, (planned) => {
          const wrong = { mistake, isHidden, isBesideUnknown: true };
          const { history, commits, isMistaken } = historyOf(planned, wrong);
          if (isMistaken) planted++;
          expect(checkResolved(history, commits).is).toBe(isMistaken ? "illegal" : "ok");
        }),
        propertyParameters(),
      );
      expect(planted).toBeGreaterThan(0);
    });
  }
});
