/** What open snapshots of the SQLite engine cost, and that they cost it for a bounded time. */
import { renameSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { put, write } from "../contracts/engine-writes.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { at } from "../support/test-spaces.ts";

const kibibyte = 1024;
const checkpointPages = 20;

/** Rewrites ten records, some 50 pages of the log. */
async function rewrite(engine: Engine): Promise<void> {
  const value = "v".repeat(8 * kibibyte);
  await write(engine, ...Array.from({ length: 10 }, (_, n) => put(at(`${n}`), value)));
}

test("a snapshot that cannot be opened is an error of the store's, and nothing of SQLite's", async () => {
  const { engine, path } = await openTestSqlite();
  await write(engine, put(at("a")));
  renameSync(path, `${path}.moved`);
  await expect(engine.snapshot()).rejects.toMatchObject({ name: "TiffinError", kind: "internal" });
  renameSync(`${path}.moved`, path);
  const snapshot = await engine.snapshot();
  expect(await snapshot.get([at("a")])).toHaveLength(1);
  await engine.close();
});

test("reason 12: a snapshot's time ends without anybody reading it, and the log is used again from its beginning", async () => {
  const { engine, clock, path } = await openTestSqlite({ checkpointPages });
  const log = () => statSync(`${path}-wal`).size;
  for (let n = 0; n < 20; n++) await rewrite(engine);
  const bounded = log();
  const snapshot = await engine.snapshot();
  for (let n = 0; n < 20; n++) await rewrite(engine);
  const grown = log();
  expect(grown).toBeGreaterThan(bounded + 1000 * kibibyte);
  clock.advance(engine.limits.snapshotMs + 1);
  await engine.trim({ bytes: 1e9, ms: 1e9 });
  for (let n = 0; n < 20; n++) await rewrite(engine);
  // The first of these may still be added at its end: the checkpoint before came while the snapshot was open.
  expect(log() - grown).toBeLessThan((grown - bounded) / 4);
  await expect(snapshot.get([])).rejects.toMatchObject({ kind: "snapshot_lost" });
  await engine.close();
});

test("a log that has grown past what is kept is cut back once no snapshot needs it", async () => {
  const { engine, path } = await openTestSqlite({ checkpointPages });
  const log = () => statSync(`${path}-wal`).size;
  const snapshot = await engine.snapshot();
  while (log() <= 20 * kibibyte * kibibyte) await rewrite(engine);
  snapshot.close();
  for (let n = 0; n < 3; n++) await rewrite(engine);
  expect(log()).toBeLessThanOrEqual(16 * kibibyte * kibibyte);
  await engine.close();
});

test("connections of snapshots are used again, and see what is there then", async () => {
  const { engine } = await openTestSqlite({ limits: { snapshots: 2 } });
  for (let n = 0; n < 10; n++) {
    const { revision } = await write(engine, put(at("a"), `${n}`));
    const snapshot = await engine.snapshot();
    expect(snapshot.revision).toBe(revision);
    expect(await snapshot.get([at("a")])).toMatchObject([{ value: `${n}` }]);
    if (n % 2 === 0) snapshot.close();
  }
  await engine.close();
});
