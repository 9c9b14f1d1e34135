import fc from "fast-check";
import { describe, expect } from "vitest";
import { child, type Key, key, within } from "../../src/store/key.ts";
import type { Entry, Page, PageOptions } from "../../src/store/store.ts";
import { propertyParameters } from "../support/property.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, removeRange, write } from "./engine-writes.ts";

const part = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.constantFrom("", "\0", "\0\0", "\u00ff", "\uffff", "\u{1f600}", "\ue000", "a", "a\0", "ab"),
  fc.double({ noNaN: true }),
  fc.integer({ min: -300, max: 300 }),
);
const tuples = fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 30,
  selector: (parts) => key(...parts),
});

/** Promises of the store's design that hold for the engine alone, by their number there. */
export function describeEngineReasons(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("reasons", () => {
    test("test 12: whatever their parts, keys come in the order of their bytes, either way", async ({
      engine,
    }) => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(tuples, async (drawn) => {
          const root = key(1, testSpace.name, ++round);
          const keys = drawn.map((parts) => parts.reduce<Key>(child, root));
          await write(engine, ...keys.map((each) => put(each)));
          const found = async (options: PageOptions): Promise<Key[]> =>
            (await allOf((page) => engine.page(within(root), page), options)).map(
              (entry) => entry.key,
            );
          const sorted = keys.toSorted((a, b) => (a < b ? -1 : 1));
          expect(await found({ limit: 7 })).toEqual(sorted);
          expect(await found({ limit: 7, descending: true })).toEqual(sorted.toReversed());
        }),
        propertyParameters(20),
      );
    });

    test("test 11: a snapshot read by pages under writes is what was there at its revision", async ({
      engine,
    }) => {
      const name = (n: number): Key => at(String(n).padStart(5, "0"));
      const count = 2000;
      for (let from = 0; from < count; from += 500) {
        await write(engine, ...Array.from({ length: 500 }, (_, n) => put(name(from + n), "then")));
      }
      const snapshot = await engine.snapshot();
      const before = await allOf((page) => engine.page(within(testRoot), page), { limit: 1000 });
      let pages = 0;
      const seen = await allOf(
        async (options) => {
          const page = await snapshot.page(within(testRoot), options);
          const later = 100 * ++pages;
          await write(engine, put(name(later + 50), "now"), put(name(count + pages), "new"));
          await write(engine, removeRange({ start: name(later + 10), end: name(later + 20) }));
          return page;
        },
        { limit: 100 },
      );
      snapshot.close();
      expect(seen).toEqual(before);
      expect(pages).toBeGreaterThanOrEqual(count / 100); // the last may have found nothing
    });
  });
}

/** Follows the pages to their end. */
async function allOf(
  page: (options: PageOptions) => Promise<Page>,
  options: PageOptions,
): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let after: Key | undefined; ; ) {
    const answered = await page(after === undefined ? options : { ...options, after });
    found.push(...answered.entries);
    if (answered.next === undefined) return found;
    after = answered.next;
  }
}
