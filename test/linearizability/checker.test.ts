import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { checkKeys } from "./check-keys.ts";
import { checkHistory, type Model } from "./checker.ts";
import { historyOf, steps } from "./history-arbitrary.ts";
import type { Operation } from "./operation.ts";
import { partition } from "./partition.ts";
import { mistakes } from "./sequential-keys.ts";

type RegisterInput = { readonly write: number } | "read";
type Register = Operation<RegisterInput, number>;
/** A number, at first 0, which is written and read: what the literature's histories are of. */
const register: Model<number, RegisterInput, number> = {
  initial: 0,
  step(state, input, output) {
    if (input !== "read") return input.write;
    return output === undefined || output === state ? state : undefined;
  },
  fingerprint: String,
};

type QueueInput = { readonly enqueue: string } | "dequeue";
type Queue = Operation<QueueInput, string>;
/** First in, first out: the example of Herlihy and Wing. */
const queue: Model<readonly string[], QueueInput, string> = {
  initial: [],
  step(state, input, output) {
    if (input !== "dequeue") return [...state, input.enqueue];
    return output === undefined || output === state[0] ? state.slice(1) : undefined;
  },
  fingerprint: (state) => JSON.stringify(state),
};

const write = (value: number, call: number, end: number): Register => {
  const isKnown = end !== Number.POSITIVE_INFINITY;
  return { client: 0, call, return: end, input: { write: value }, output: isKnown ? 0 : undefined };
};
const read = (value: number, call: number, end: number): Register => ({
  client: 1,
  call,
  return: end,
  input: "read",
  output: value,
});
const enqueue = (item: string, call: number, end: number): Queue => ({
  client: 0,
  call,
  return: end,
  input: { enqueue: item },
  output: item,
});
const dequeue = (item: string, call: number, end: number): Queue => ({
  client: 1,
  call,
  return: end,
  input: "dequeue",
  output: item,
});
const never = Number.POSITIVE_INFINITY;

describe("histories of a register", () => {
  const verdicts: readonly [string, "ok" | "illegal", readonly Register[]][] = [
    ["nothing happened", "ok", []],
    ["a read during a write sees the old value", "ok", [write(1, 0, 10), read(0, 1, 2)]],
    ["a read during a write sees the new value", "ok", [write(1, 0, 10), read(1, 1, 2)]],
    ["a read after a write sees the old value", "illegal", [write(1, 0, 1), read(0, 2, 3)]],
    [
      "reads during a write see new, then old",
      "illegal",
      [write(1, 0, 10), read(1, 1, 2), read(0, 3, 4)],
    ],
    ["overlapping reads see new and old", "ok", [write(1, 0, 10), read(1, 1, 4), read(0, 3, 5)]],
    ["porcupine's example", "ok", [write(100, 0, 100), read(100, 25, 75), read(0, 30, 60)]],
    [
      "porcupine's counterexample",
      "illegal",
      [write(200, 0, 100), read(200, 10, 30), read(0, 40, 90)],
    ],
    [
      "readers disagree on the order of two writes",
      "illegal",
      [write(1, 0, 10), write(2, 0, 10), read(1, 11, 12), read(2, 13, 14)],
    ],
    ["a read of what nobody wrote", "illegal", [write(1, 0, 10), read(3, 1, 2)]],
    [
      "a write without an answer is never seen",
      "ok",
      [write(1, 0, never), read(0, 5, 6), read(0, 7, 8)],
    ],
    [
      "a write without an answer is seen late",
      "ok",
      [write(1, 0, never), read(0, 5, 6), read(1, 7, 8)],
    ],
    [
      "a write without an answer is seen, then not",
      "illegal",
      [write(1, 0, never), read(1, 5, 6), read(0, 7, 8)],
    ],
    [
      "a write without an answer is seen before its call",
      "illegal",
      [read(1, 0, 1), write(1, 2, never)],
    ],
  ];
  for (const [title, verdict, history] of verdicts) {
    test(`${title}: ${verdict}`, () => {
      expect(checkHistory(register, history).is).toBe(verdict);
    });
  }
});

describe("histories of a queue, as Herlihy and Wing have them", () => {
  test("overlapping enqueues come out in either order", () => {
    const history = [
      enqueue("x", 0, 3),
      enqueue("y", 1, 2),
      dequeue("y", 4, 6),
      dequeue("x", 5, 7),
    ];
    expect(checkHistory(queue, history).is).toBe("ok");
  });

  test("what was enqueued first cannot come out last", () => {
    const history = [enqueue("x", 0, 1), enqueue("y", 2, 3), dequeue("y", 4, 5)];
    expect(checkHistory(queue, history).is).toBe("illegal");
  });

  test("nothing comes out twice", () => {
    const history = [
      enqueue("x", 0, 10),
      dequeue("x", 1, 5),
      enqueue("y", 2, 9),
      dequeue("x", 6, 8),
    ];
    expect(checkHistory(queue, history).is).toBe("illegal");
  });
});

test("a search that has spent its budget says that it does not know", () => {
  const writes = Array.from({ length: 12 }, (_, at) => write(at, 0, 10));
  expect(checkHistory(register, [...writes, read(99, 11, 12)], 1000).is).toBe("unknown");
});

test("configurations are visited once: twelve writes at once are not tried in 479 million orders", () => {
  const writes = Array.from({ length: 12 }, (_, at) => write(at, 0, 10));
  expect(checkHistory(register, [...writes, read(99, 11, 12)]).is).toBe("illegal");
});

test("an illegal history is explained by how far it can be put in order, and what cannot follow", () => {
  const verdict = checkHistory(register, [write(1, 0, 1), read(1, 2, 3), read(0, 4, 5)]);
  expect(verdict).toEqual({
    is: "illegal",
    explanation: [
      "2 of 3 operations can be put in order, the last of them:",
      '  client 0 [0, 1] {"write":1}: 0',
      '  client 1 [2, 3] "read": 1'.replaceAll('"read"', "read"),
      "which leaves 1; then none of these can follow:",
      "  client 1 [4, 5] read: 0",
    ].join("\n"),
  });
});

test("keys are checked apart, unless one operation touches both", () => {
  const on = (...keys: string[]) => ({ client: 0, call: 0, return: 1, input: { keys }, output: 0 });
  const history = [on("a"), on("b"), on("c"), on("d"), on("c", "a"), on("e", "d")];
  const parts = partition(history).map((part) => part.flatMap(({ input }) => input.keys).join(""));
  expect(parts.sort()).toEqual(["acca", "b", "ded"]);
});

describe("generated histories of keys", () => {
  test("calls that took effect one by one are in order however they overlapped", () => {
    fc.assert(
      fc.property(steps, (planned) => {
        expect(checkKeys(historyOf(planned).history)).toEqual({ is: "ok" });
      }),
      propertyParameters(),
    );
  });

  for (const mistake of mistakes) {
    test(`a ${mistake} is caught wherever it happens`, () => {
      let planted = 0;
      fc.assert(
        fc.property(steps, (planned) => {
          const { history, isMistaken } = historyOf(planned, { mistake });
          if (isMistaken) planted++;
          expect(checkKeys(history).is).toBe(isMistaken ? "illegal" : "ok");
        }),
        propertyParameters(),
      );
      expect(planted).toBeGreaterThan(0);
    });
  }
});
