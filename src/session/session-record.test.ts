import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { decodeFinder, encodeFinder } from "./finder.ts";
import { digestOf, newHandle } from "./session-id.ts";
import {
  decodeHead,
  decodeSession,
  encodeSession,
  nextVersion,
  type SessionRecord,
} from "./session-record.ts";

const count = fc.maxSafeNat();
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const records: fc.Arbitrary<SessionRecord> = fc.record({
  ...{ version: count, createdMs: count, usedMs: count, absoluteMs: count, rotatedMs: count },
  policy: fc.record({
    ...{ idleMs: count, touchMs: count, renewalMs: count, subjectMax: count },
    refuses: fc.boolean(),
  }),
  ids: fc.array(fc.record({ digest: text.map(digestOf), untilMs: count }), {
    minLength: 1,
    maxLength: 5,
  }),
  client: fc.record({ ip: text, agent: text, device: text }),
  data: fc.dictionary(text, fc.jsonValue()).map((data) => JSON.parse(JSON.stringify(data))),
});

test("a session comes back as it was stored, one char a byte", () => {
  fc.assert(
    fc.property(records, (record) => {
      const stored = encodeSession(record);
      expect([...stored].every((char) => char.charCodeAt(0) <= 0xff)).toBe(true);
      expect(decodeSession(stored)).toEqual(record);
      expect(encodeSession(decodeSession(stored))).toBe(stored);
    }),
    propertyParameters(500),
  );
});

test("a finder comes back as it was stored, whatever the subject is called", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (subject) => {
      const finder = { handle: newHandle(), subject };
      const stored = encodeFinder(finder);
      expect([...stored].every((char) => char.charCodeAt(0) <= 0xff)).toBe(true);
      expect(decodeFinder(stored)).toEqual(finder);
    }),
    propertyParameters(500),
  );
});

test("a version grows with every change, at one moment too, and is never below the clock's", () => {
  expect(nextVersion(undefined, 5)).toBe(5000);
  expect(nextVersion({ version: 4999 }, 5)).toBe(5000);
  expect(nextVersion({ version: 5000 }, 5)).toBe(5001);
  expect(nextVersion({ version: 9000 }, 5)).toBe(9001);
});

test("what it takes to count and end a session is read without its data", () => {
  fc.assert(
    fc.property(records, (record) => {
      const stored = encodeSession(record);
      const { data, ...head } = record;
      expect(decodeHead(stored)).toEqual(head);
      const json = Buffer.from(JSON.stringify(data)).toString("latin1");
      expect(decodeHead(`${stored.slice(0, -json.length)}unread`)).toEqual(head);
    }),
    propertyParameters(500),
  );
});
