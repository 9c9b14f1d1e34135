/** Files of every version of the schema that was released are opened, and what is in them is there. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { key, within } from "../../src/store/key.ts";
import { schemaVersion } from "../../src/store/sqlite/schema.ts";
import { put, write } from "../contracts/engine-writes.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { textOf } from "../support/project-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { at, quietSpace, testRoot } from "../support/test-spaces.ts";

const fixtures = readdirSync(join(import.meta.dirname, "../fixtures/sqlite"));
const begin = Date.UTC(2026, 0, 1) * 1000;

/** A file of that version, and what is to be read from it. */
function restore(fixture: string): string {
  const folder = temporaryFolder();
  const database = new DatabaseSync(join(folder, "tiffin.db"));
  database.exec(textOf(`test/fixtures/sqlite/${fixture}`));
  database.close();
  return folder;
}

test("there is a file of every version of the schema", () => {
  const expected = Array.from({ length: schemaVersion }, (_, n) => `schema-${n + 1}.sql`);
  expect(fixtures.toSorted()).toEqual(expected.toSorted());
});

test.each(fixtures)("%s is opened, and everything is there", async (fixture) => {
  const folder = restore(fixture);
  const { engine } = await openTestSqlite({ folder });
  const [a, b] = [
    { key: at("a"), value: "2", version: begin + 2000, created: begin + 1000 },
    { key: at("b"), value: "\u00ff", version: begin + 1000, expireAt: begin / 1000 + 1001 },
  ];
  expect((await engine.page(within(testRoot), { limit: 9 })).entries).toMatchObject([a, b]);
  const { entries } = await engine.get([key(1, quietSpace.name, 1, "q")]);
  expect(entries).toMatchObject([{ value: "" }]);
  expect(await engine.stats()).toMatchObject({ records: 3 });
  expect(await engine.history(begin, 1e6)).toMatchObject([
    { revision: begin + 1000, events: [{ type: "put" }, { type: "put", entry: b }] },
    { events: [{ entry: a, previous: { value: "1" } }, {}, {}, {}] },
    { events: [{ type: "deleted", previous: { value: "3" } }, { records: 2 }] },
  ]);
  expect(await engine.outcome("third")).toEqual({ revision: begin + 3000, rangeDeleted: 2 });
  expect(await engine.check()).toEqual([]);
  expect((await write(engine, put(at("z")))).revision).toBe(begin + 3001);
  await engine.close();

  const database = new DatabaseSync(join(folder, "tiffin.db"));
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: schemaVersion });
  database.close();
});

test("a migration that fails half way leaves the file as it was, and is made at the next start", async () => {
  const folder = temporaryFolder();
  for (const does of ["fail", "full", "exit"] as const) {
    const failpoint = { step: "during migration", does } as const;
    await expect(openTestSqlite({ folder, failpoint })).rejects.toThrow();
    const database = new DatabaseSync(join(folder, "tiffin.db"));
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 0 });
    expect(database.prepare("SELECT * FROM sqlite_master").all()).toEqual([]);
    database.close();
  }
  const { engine } = await openTestSqlite({ folder });
  await write(engine, put(at("a")));
  await engine.close();
});
