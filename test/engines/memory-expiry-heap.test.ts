import fc from "fast-check";
import { expect, test } from "vitest";
import { ExpiryHeap } from "../../src/store/memory/expiry-heap.ts";
import { never, noSlot, StoredRecord } from "../../src/store/memory/stored-record.ts";
import { propertyParameters } from "../support/property.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";

const root = { key: testRoot, space: testSpace, records: 0, bytes: 0 };

/** A record, and when it is to expire from now on. */
const changes = fc.array(
  fc.tuple(fc.nat(40), fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(never))),
  { maxLength: 200, size: "max" },
);

test("the expiry heap is a list of expiries that is sorted whenever it is asked", () => {
  fc.assert(
    fc.property(changes, fc.nat(30), fc.nat(10), (changed, now, limit) => {
      const heap = new ExpiryHeap();
      const records = Array.from(
        { length: 41 },
        (_, n) =>
          new StoredRecord(
            { key: at(String(n)), root },
            { value: "", version: 1, created: 1, bytes: 0 },
          ),
      );
      const expected = new Map<StoredRecord, number>();
      for (const [index, time] of changed) {
        const record = records[index] as StoredRecord;
        heap.set(record, time);
        if (time === never) expected.delete(record);
        else expected.set(record, time);
      }
      for (const record of records) {
        expect(heap.of(record)).toBe(expected.get(record) ?? never);
        expect(record.slot === noSlot).toBe(!expected.has(record));
      }
      const due = [...expected.values()].filter((time) => time <= now).sort((a, b) => a - b);
      for (const asked of [limit, 1000]) {
        const found = heap.expired(now, asked);
        expect(found.map((record) => heap.of(record))).toEqual(due.slice(0, asked));
      }
      for (const record of records) heap.remove(record);
      expect(heap.size).toBe(0);
    }),
    propertyParameters(500),
  );
});
