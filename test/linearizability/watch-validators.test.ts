import { expect, test } from "vitest";
import type { Seen } from "./keys-model.ts";
import type { ToldEvent, ToldMessage } from "./told-message.ts";
import type { Segment, WatchHistory } from "./watch-history.ts";
import { WatchReference } from "./watch-reference.ts";
import { validate, validators } from "./watch-validators.ts";

const seen = (value: string, version: number, created: number): Seen => ({
  value,
  version,
  created,
});
const put = (key: string, entry: Seen, previous?: Seen): ToldEvent => ({
  type: "PUT",
  revision: entry.version,
  key,
  entry,
  ...(previous && { previous }),
});

/** Two keys written together, one rewritten, both deleted as a range, one written anew; and a key nobody watches. */
const a1 = put("a/1", seen("one", 10, 10));
const a2 = put("a/2", seen("two", 10, 10));
const b = put("b", seen("other", 20, 20));
const a1Again = put("a/1", seen("one more", 30, 10), seen("one", 10, 10));
const range: ToldEvent = {
  type: "DELETE_RANGE",
  revision: 40,
  key: "",
  range: { start: "a/", end: "a0" },
};
const a1Anew = put("a/1", seen("anew", 50, 50));
const a1Deleted: ToldEvent = {
  type: "DELETE",
  revision: 60,
  key: "a/1",
  previous: seen("anew", 50, 50),
};
const reference = new WatchReference([a1, a2, b, a1Again, range, a1Anew, a1Deleted]);

const initial = (revision: number, { key, entry }: ToldEvent): ToldEvent => ({
  type: "INITIAL",
  revision,
  key,
  ...(entry && { entry }),
});
const message = (revision: number, ...events: ToldEvent[]): ToldMessage => ({
  events,
  revision,
  token: `token ${revision}`,
});
const partly = (revision: number, ...events: ToldEvent[]): ToldMessage => ({
  events,
  revision,
  token: "",
});
const watched = (...segments: Segment[]): WatchHistory => ({
  filter: { case: "prefix", value: "a/" },
  hasPrevious: true,
  segments,
  lost: 0,
});
const from = (after: number, ...messages: ToldMessage[]): Segment => ({
  after,
  messages: [message(after), ...messages],
});

const first = from(5, message(10, a1, a2), message(30, a1Again));
const rest = [message(40, range), message(50, a1Anew), message(60, a1Deleted)];

test("nothing is wrong with a watch that was told everything, however it was cut", () => {
  const fragments = from(5, partly(10, a1), message(10, a2), message(30, a1Again));
  const listed = [initial(35, a1Again), initial(35, a2)];
  const histories = [
    watched(from(5, ...first.messages.slice(1), ...rest)),
    watched(first, from(30, ...rest)),
    watched(fragments, from(30, ...rest)),
    watched(first, from(30), from(30, ...rest)),
    watched({ ...from(35, ...rest), listed }),
    watched({ after: undefined, messages: first.messages }),
    { ...watched(), segments: [] },
  ];
  for (const history of histories) expect(validate(history, reference)).toEqual([]);
});

const violations: Readonly<Record<keyof typeof validators, readonly WatchHistory[]>> = {
  filter: [
    watched(from(5, message(10, a1, a2), message(20, b), message(30, a1Again))),
    watched({ ...from(20), listed: [a1, a2, b].map((each) => initial(20, each)) }),
  ],
  ordered: [
    watched(from(5, message(30, a1Again), message(10, a1, a2))),
    watched(from(5, message(10, a1, a2), message(30, a1Again), message(20))),
  ],
  unique: [
    watched(first, from(10, message(30, a1Again), ...rest)),
    watched(from(5, message(10, a1, a2), message(30, a1Again, a1Again))),
  ],
  atomic: [
    watched(from(5, message(10, a1), message(10, a2))),
    watched(from(5, message(10, a1), message(30, a1Again))),
  ],
  bookmarkable: [
    watched(from(5, message(30, a1, a2), message(30, a1Again))),
    watched(from(5, message(10, a1, a2), message(35), message(36, a1Again))),
  ],
  resumable: [
    watched(first, from(30, message(50, a1Anew))),
    watched(first, { after: 30, messages: [message(40), ...rest] }),
    watched(first, { after: 30, messages: [message(30, a1Again), ...rest] }),
  ],
  isCreate: [
    watched(from(5, message(30, put("a/1", seen("one more", 30, 30))))),
    watched(from(40, message(50, put("a/1", seen("anew", 50, 10))))),
  ],
  reliable: [
    watched(from(5, message(10, a1, a2), ...rest)),
    watched(from(5, message(10, a1, put("a/2", seen("another", 10, 10))))),
    watched({ ...from(35, ...rest), listed: [initial(35, a1Again)] }),
    watched({ ...from(35, ...rest), listed: [initial(35, a1), initial(35, a2)] }),
    watched({ ...from(35, ...rest), listed: [a1Again, a2, a2].map((each) => initial(35, each)) }),
    watched({ ...from(35, ...rest), listed: [initial(30, a1Again), initial(35, a2)] }),
  ],
  previousValue: [
    watched(from(10, message(30, { ...a1Again, previous: seen("two", 10, 10) }))),
    watched(from(10, message(30, put("a/1", seen("one more", 30, 10))))),
    { ...watched(first), hasPrevious: false },
  ],
};

for (const [promise, histories] of Object.entries(violations)) {
  test(`the validator ${promise} finds what breaks its promise`, () => {
    const validator = validators[promise as keyof typeof validators];
    for (const [at, history] of histories.entries()) {
      expect(validator(history, reference), `violation ${at}`).not.toEqual([]);
    }
  });
}

test("an entry that expires may be missing in a list before its event; overwritten then, it is created anew", () => {
  const old = { ...seen("old", 10, 10), expires: true };
  const expired: ToldEvent = { type: "EXPIRE", revision: 20, key: "a/1", previous: old };
  const anew = put("a/1", seen("new", 20, 20));
  const brief = new WatchReference([put("a/1", old), expired, anew]);
  const events = message(20, expired, anew);
  const listed = [initial(15, put("a/1", old))];
  expect(validate(watched({ ...from(15, events), listed }), brief)).toEqual([]);
  expect(validate(watched({ ...from(15, events), listed: [] }), brief)).toEqual([]);
  const kept = message(20, expired, put("a/1", seen("new", 20, 10), old));
  const problems = validate(watched(from(15, kept)), brief).join();
  expect(problems).toContain("isCreate");
  expect(problems).toContain("previousValue");
});
