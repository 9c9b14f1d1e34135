import { describe, expect } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { between, type Key, startingWith, stringAfter, within } from "../../src/store/key.ts";
import type { PageOptions } from "../../src/store/store.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, write } from "./engine-writes.ts";

export function describePages(subject: EngineUnderTest): void {
  const test = testEngine(subject);
  const all = within(testRoot);

  /** The names on each page, following `next` to the end. */
  async function pagesOf(engine: Engine, options: PageOptions, range = all): Promise<string[][]> {
    const pages: string[][] = [];
    for (let after: Key | undefined; ; ) {
      const page = await engine.page(range, after === undefined ? options : { ...options, after });
      pages.push(page.entries.map(({ key }) => stringAfter(testRoot, key)));
      after = page.next;
      if (after === undefined) return pages;
    }
  }

  const fill = (engine: Engine, ...names: string[]) =>
    write(engine, ...names.map((name) => put(at(name))));

  describe("pages", () => {
    test("come in the order of the encoded keys, which is that of UTF-8", async ({ engine }) => {
      await fill(engine, "\u{1f600}", "\ue000", "b", "a\0b", "ab", "a", "", "a\0");
      expect(await pagesOf(engine, { limit: 100 })).toEqual([
        ["", "a", "a\0", "a\0b", "ab", "b", "\ue000", "\u{1f600}"],
      ]);
    });

    test("follow each other without gap or repeat, in either direction", async ({ engine }) => {
      await fill(engine, "a", "b", "c", "d", "e");
      expect(await pagesOf(engine, { limit: 2 })).toEqual([["a", "b"], ["c", "d"], ["e"]]);
      expect(await pagesOf(engine, { limit: 2, descending: true })).toEqual([
        ["e", "d"],
        ["c", "b"],
        ["a"],
      ]);
    });

    test("a page that ends with its range has no next", async ({ engine }) => {
      await fill(engine, "a", "b");
      expect(await engine.page(all, { limit: 2 })).not.toHaveProperty("next");
    });

    test("hold nothing from outside the range", async ({ engine }) => {
      await fill(engine, "a", "b", "b1", "b2", "c");
      expect(await pagesOf(engine, { limit: 9 }, startingWith(testRoot, "b"))).toEqual([
        ["b", "b1", "b2"],
      ]);
      const range = between(testRoot, "b", "c");
      expect(await pagesOf(engine, { limit: 9, descending: true }, range)).toEqual([
        ["b2", "b1", "b"],
      ]);
      expect(await pagesOf(engine, { limit: 9 }, between(testRoot, "x", "y"))).toEqual([[]]);
      expect(await pagesOf(engine, { limit: 9 }, between(testRoot, "c", "a"))).toEqual([[]]);
    });

    test("continue after a key that is no more, and from one outside the range", async ({
      engine,
    }) => {
      await fill(engine, "b", "d", "f");
      const names = async (options: PageOptions) =>
        (await engine.page(between(testRoot, "b", "f"), options)).entries.map(({ key }) => key);
      expect(await names({ limit: 9, after: at("c") })).toEqual([at("d")]);
      expect(await names({ limit: 9, after: at("a") })).toEqual([at("b"), at("d")]);
      expect(await names({ limit: 9, after: at("z") })).toEqual([]);
      expect(await names({ limit: 9, after: at("c"), descending: true })).toEqual([at("b")]);
      expect(await names({ limit: 9, after: at("z"), descending: true })).toEqual([
        at("d"),
        at("b"),
      ]);
      expect(await names({ limit: 9, after: at("a"), descending: true })).toEqual([]);
    });

    test("the page of an empty store is empty, in either direction", async ({ engine }) => {
      expect(await pagesOf(engine, { limit: 1 })).toEqual([[]]);
      expect(await pagesOf(engine, { limit: 1, descending: true })).toEqual([[]]);
    });
  });

  describe("bounds of a page", () => {
    const bytes = at("a").length + 100;
    const bounded = testEngine(subject, { pageBytes: 2 * bytes, pageRecords: 3 });

    bounded("it ends once it has its bytes, and has one entry at the least", async ({ engine }) => {
      for (const name of ["a", "b", "c"]) await write(engine, put(at(name), "v".repeat(100)));
      await write(engine, put(at("d"), "v".repeat(10 * bytes)));
      await write(engine, put(at("e")));
      expect(await pagesOf(engine, { limit: 9 })).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    });

    bounded(
      "it is empty and goes on when all it examined has expired",
      async ({ engine, clock }) => {
        const expireAt = clock.now() + 10;
        for (const name of ["a", "b", "c", "d"]) await write(engine, put(at(name), "v", expireAt));
        await write(engine, put(at("e")));
        clock.advance(10);
        expect(await pagesOf(engine, { limit: 9 })).toEqual([[], ["e"]]);
      },
    );
  });
}
