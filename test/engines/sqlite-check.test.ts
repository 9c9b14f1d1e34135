/** What the check of the SQLite engine finds, with the store open, in a file that was changed behind its back. */
import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { within } from "../../src/store/key.ts";
import { put, write } from "../contracts/engine-writes.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { propertyParameters } from "../support/property.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";

const everything = within(testRoot);

async function fill(engine: Engine): Promise<void> {
  for (let portion = 0; portion < 20; portion++) {
    const names = Array.from({ length: 100 }, (_, n) => `key ${portion}.${n}`);
    await write(engine, ...names.map((name) => put(at(name), name.repeat(20), 1e15)));
  }
}

test.each([
  [
    "UPDATE roots SET records = records + 1",
    `the statistics of [1,"${testSpace.name}",1] say 2001`,
  ],
  ["UPDATE head SET bytes = 0", "the statistics say 2000 records of 0 bytes in all"],
  ["UPDATE head SET history_bytes = 7", "the history is said to take 7 bytes"],
  ["UPDATE head SET revision = revision - 1", "and its latest commit is"],
  ["DELETE FROM changes WHERE number = 5", "the commits have 2000 changes, and there are 1999"],
  ["UPDATE records SET value = x'00'", "is not as it was written"],
  ["UPDATE records SET version = version * 2", "2000 records have versions that no commit has had"],
])("%s is found", async (change, found) => {
  const { engine, path } = await openTestSqlite();
  await fill(engine);
  expect(await engine.check()).toEqual([]);
  const other = new DatabaseSync(path);
  other.exec(change);
  other.close();
  expect((await engine.check()).join("\n")).toContain(found);
  await engine.close();
});

test("bytes turned anywhere among the records are found, at the start or by the check, or change nothing", async () => {
  const limits = { pageBytes: 1e9 };
  const { engine, path } = await openTestSqlite({ limits });
  await fill(engine);
  const written = await engine.page(everything, { limit: 9999 });
  await engine.close();
  const whole = readFileSync(path);
  const database = new DatabaseSync(path);
  const pages = database.prepare("SELECT pageno FROM dbstat WHERE name = 'records'").all();
  database.close();
  const folder = temporaryFolder();
  const places = fc.record({ page: fc.nat(pages.length - 1), at: fc.nat(4088) });
  await fc.assert(
    fc.asyncProperty(places, async ({ page, at: offset }) => {
      const bytes = Buffer.from(whole);
      const start = (Number(pages[page]?.["pageno"]) - 1) * 4096 + offset;
      for (let byte = start; byte < start + 8; byte++) bytes[byte] = ~(bytes[byte] ?? 0);
      writeFileSync(`${folder}/tiffin.db`, bytes);
      const opened = await openTestSqlite({ folder, limits }).catch((error: Error) => error);
      if (opened instanceof Error) return;
      const problems = await opened.engine.check();
      const found = problems.length > 0 || (await opened.engine.page(everything, { limit: 9999 }));
      await opened.engine.close();
      if (found !== true) expect(found).toEqual(written); // it was in what a page leaves free
    }),
    propertyParameters(10),
  );
});
