import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../../../test/support/property.ts";
import { at, testRoot } from "../../../test/support/test-spaces.ts";
import { only, type Range, startingWith, within } from "../key.ts";
import type { Entry, StoreEvent } from "../store.ts";
import { concernedEvents } from "./concerned-events.ts";
import { ParkedWatchers } from "./parked-watchers.ts";
import type { Watcher } from "./watcher.ts";

const names = ["a", "aa", "ab", "b", "ba"];
const ranges: readonly Range[] = [
  ...names.map((name) => only(at(name))),
  ...["a", "b"].map((prefix) => startingWith(testRoot, prefix)),
  within(testRoot),
];
const entryAt = (name: string): Entry => ({
  key: at(name),
  value: name,
  version: 1,
  created: 1,
  bytes: 1,
});

const oneEvent = fc.oneof(
  fc.constantFrom(...names).map((name): StoreEvent => ({ type: "put", entry: entryAt(name) })),
  fc
    .constantFrom(...names)
    .map((name): StoreEvent => ({ type: "deleted", key: at(name), previous: entryAt(name) })),
  fc
    .constantFrom(...ranges)
    .map((range): StoreEvent => ({ type: "rangeDeleted", range, records: 1 })),
);
const watched = fc.array(fc.constantFrom(...ranges), { minLength: 1, maxLength: 3 });

test("whoever waits for one of the events is found, and nobody else, whoever left before", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ ranges: watched, leaves: fc.boolean() }), { maxLength: 8 }),
      fc.array(oneEvent, { maxLength: 4 }),
      (all, events) => {
        const parked = new ParkedWatchers();
        const watchers = all.map((one) => one as unknown as Watcher & { leaves: boolean });
        for (const watcher of watchers) parked.add(watcher);
        for (const watcher of watchers) if (watcher.leaves) parked.delete(watcher);
        const found = parked.concernedBy(events);
        expect(watchers.map((watcher) => found.has(watcher))).toEqual(
          watchers.map(
            (watcher) => !watcher.leaves && concernedEvents(watcher.ranges, events).length > 0,
          ),
        );
        expect(parked.takeAll()).toHaveLength(watchers.filter(({ leaves }) => !leaves).length);
        expect(parked.concernedBy(events).size).toBe(0);
      },
    ),
    propertyParameters(),
  );
});
