/** What the SQLite engine refuses to open, and what it says then: the path, the reason, the remedy. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/open-store.ts";
import { pathOf } from "../../src/store/sqlite/database-file.ts";
import { StartRefusal } from "../../src/store/start-refusal.ts";
import { put, read, write } from "../contracts/engine-writes.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { at } from "../support/test-spaces.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, "tiffin.db");
});

/** What it is refused with; nothing is left open then, and the file is as it was. */
async function refusal(): Promise<string> {
  const error: unknown = await openTestSqlite({ folder }).catch((thrown: unknown) => thrown);
  if (!(error instanceof StartRefusal)) throw new Error("it was not refused", { cause: error });
  expect(error.message).toContain(path);
  expect(error.reason).not.toBe("");
  expect(error.remedy).not.toBe("");
  return error.message;
}

/** A store with so many records, closed. */
async function fill(records: number): Promise<void> {
  const { engine } = await openTestSqlite({ folder });
  for (let first = 0; first < records; first += 500) {
    const names = Array.from({ length: Math.min(500, records - first) }, (_, n) => first + n);
    await write(engine, ...names.map((n) => put(at(`key ${n}`), "v".repeat(200))));
  }
  await engine.close();
}

/** Changes the database behind the engine's back. */
function alter(text: string): void {
  const database = new DatabaseSync(path);
  database.exec(text);
  database.close();
}

describe("a file is refused that", () => {
  test("is a link to nothing", async () => {
    symlinkSync(join(folder, "elsewhere.db"), path);
    expect(await refusal()).toContain("it is a link to a file that is not there");
    expect(existsSync(join(folder, "elsewhere.db"))).toBe(false);
  });

  test("is a directory", async () => {
    mkdirSync(path);
    expect(await refusal()).toContain("it is a directory");
  });

  test("is in a folder that does not exist, and the folder is not made", async () => {
    path = join(folder, "no", "tiffin.db");
    folder = join(folder, "no");
    expect(await refusal()).toContain("mkdir -p");
    expect(existsSync(folder)).toBe(false);
  });

  test("is below what is no folder", async () => {
    writeFileSync(path, "");
    folder = path;
    path = join(folder, "tiffin.db");
    expect(await refusal()).toContain("there is no folder");
  });

  test("cannot be written", async () => {
    // Root may write anywhere but here.
    folder = "/sys";
    path = "/sys/tiffin.db";
    expect(await refusal()).toMatch(/may not read and write|read-only/);
  });

  test("is no database, and it stays as it is", async () => {
    writeFileSync(path, "Dear diary, ".repeat(100));
    expect(await refusal()).toContain("it is no SQLite database");
    expect(readFileSync(path, "utf8")).toMatch(/^Dear diary/);
  });

  test("is a database of another program", async () => {
    alter("CREATE TABLE bookmarks (url)");
    chmodSync(path, 0o644);
    expect(await refusal()).toContain("another program");
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test("was written by a newer version", async () => {
    await fill(1);
    alter("PRAGMA user_version = 99");
    expect(await refusal()).toContain("newer version of Tiffin (schema 99");
  });

  test("was cut off", async () => {
    await fill(1000);
    const { size } = statSync(path);
    truncateSync(path, size - 8192);
    expect(await refusal()).toContain(`it has ${size - 8192} of its ${size} bytes`);
    truncateSync(path, 50);
    expect(await refusal()).toContain("it is no SQLite database");
  });

  test("was damaged where its structure is, and says how to save what can be read", async () => {
    await fill(1000);
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096, 3 * 4096);
    writeFileSync(path, bytes);
    const message = await refusal();
    expect(message).toContain("it is damaged");
    expect(message).toContain(`sqlite3 '${path}' .recover`);
    expect(readFileSync(path)).toEqual(bytes);
  });

  test("does not stand where its latest commit is", async () => {
    await fill(1);
    alter("UPDATE head SET revision = revision + 1");
    expect(await refusal()).toContain("its latest commit is");
  });

  test("does not say where it stands", async () => {
    await fill(1);
    alter("DELETE FROM head");
    expect(await refusal()).toContain("it does not say where the store stands");
    alter("DROP TABLE head");
    expect(await refusal()).toContain("it is damaged");
  });

  test("is open in this process already, and the first goes on", async () => {
    const first = await openTestSqlite({ folder });
    expect(await refusal()).toContain("this process already has it open");
    await write(first.engine, put(at("a")));
    expect(await refusal()).toContain("this process already has it open");
    await first.engine.close();
    const second = await openTestSqlite({ folder });
    expect(await read(second.engine, at("a"))).toMatchObject({ value: "v" });
    await second.engine.close();
  });

  test("has something in the place of its lock", async () => {
    writeFileSync(`${path}-lock`, "Dear diary, ".repeat(100));
    expect(await refusal()).toContain(`remove that file`);
    rmSync(`${path}-lock`);
    await fill(1);
  });

  test("is locked by another program", async () => {
    await fill(1);
    const other = new DatabaseSync(path);
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    expect(await refusal()).toContain("another program has it locked");
    other.close();
    await fill(1);
  }, 30_000);
});

test("a log whose file is gone is not written over by a new store", async () => {
  writeFileSync(`${path}-wal`, "what was not yet in the file");
  expect(await refusal()).toContain("it is not there, and its log is");
  writeFileSync(path, "");
  expect(await refusal()).toContain("it is empty, and its log is");
  expect(readFileSync(`${path}-wal`, "latin1")).toBe("what was not yet in the file");
  rmSync(`${path}-wal`);
  const { engine } = await openTestSqlite({ folder });
  await engine.close();
});

test("files are for their owner alone, also those that were not", async () => {
  const mode = (name: string) => (statSync(`${path}${name}`).mode & 0o777).toString(8);
  await fill(1);
  // As a copy of what a crash left behind has them.
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 1");
  for (const name of ["", "-wal", "-shm"]) copyFileSync(`${path}${name}`, `${path}${name}.copy`);
  database.close();
  for (const name of ["", "-wal", "-shm"]) renameSync(`${path}${name}.copy`, `${path}${name}`);
  for (const name of ["", "-wal", "-shm", "-lock"]) chmodSync(`${path}${name}`, 0o644);
  const { engine } = await openTestSqlite({ folder });
  await write(engine, put(at("a")));
  expect(["", "-wal", "-shm", "-lock"].map(mode)).toEqual(["600", "600", "600", "600"]);
  await engine.close();
});

test("closing leaves one file that can be copied", async () => {
  await fill(10);
  expect(["-wal", "-shm"].filter((name) => existsSync(`${path}${name}`))).toEqual([]);
  copyFileSync(path, `${path}.copy`);
  const { engine } = await openTestSqlite({ folder, name: "tiffin.db.copy" });
  expect(await engine.check()).toEqual([]);
  await engine.close();
});

describe("URLs", () => {
  test("name a file, absolute or relative, as it is written", () => {
    expect(pathOf("sqlite:tiffin.db")).toBe("tiffin.db");
    expect(pathOf("sqlite:/var/lib/a b%20ü.db")).toBe("/var/lib/a b%20ü.db");
    expect(pathOf("sqlite:///var/lib/tiffin.db")).toBe("/var/lib/tiffin.db");
  });

  test.each(["sqlite:", "sqlite://", "sqlite://host/path", "sqlite:data/", "sqlite::memory:"])(
    "%s is refused with what to write instead",
    (url) => {
      expect(() => pathOf(url)).toThrow(StartRefusal);
      expect(() => pathOf(url)).toThrow(/Write (sqlite|memory):/);
    },
  );

  test("of an unknown engine are refused with those there are", async () => {
    const opening = openStore({ url: "oracle:x", spaces: [] as const } as unknown as Parameters<
      typeof openStore
    >[0]);
    await expect(opening).rejects.toThrow(/there are: memory:, sqlite:/);
  });
});
