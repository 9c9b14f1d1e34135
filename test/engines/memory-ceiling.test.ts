import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { key, within } from "../../src/store/key.ts";
import { openMemoryEngine } from "../../src/store/memory/memory-engine.ts";
import {
  applyOne,
  commitOf,
  put,
  read,
  remove,
  removeRange,
  write,
} from "../contracts/engine-writes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { at, quietSpace, testRoot, testSpaces } from "../support/test-spaces.ts";

const mebibyte = 1024 * 1024;
const value = "v".repeat(1000);

const open = (options: { bytesMax?: number; historyBytes?: number } = {}): Engine =>
  openMemoryEngine({
    spaces: testSpaces,
    clock: new ManualClock(),
    bytesMax: mebibyte,
    historyBytes: mebibyte,
    whenFull: "refuse",
    ...options,
  });

/** Writes until the store is full; answers how many records that took. */
async function fill(engine: Engine): Promise<number> {
  for (let n = 0; n < 10_000; n++) {
    const outcome = await applyOne(engine, commitOf([put(at(`k${n}`), value)]));
    if ("refused" in outcome) return n;
  }
  throw new Error("the store took everything");
}

describe("a full memory engine that refuses", () => {
  test("says which setting is to be raised, and applies nothing of the commit", async () => {
    const engine = open();
    const records = await fill(engine);
    const head = await engine.head();
    const outcome = await applyOne(
      engine,
      commitOf([remove(at("k0")), put(at("x"), value.repeat(30))]),
    );
    expect(outcome).toMatchObject({
      refused: {
        kind: "store_full",
        details: { metadata: { limit: "TIFFIN_MEMORY_MAX_BYTES", max: String(mebibyte) } },
      },
    });
    expect(await engine.head()).toBe(head);
    expect(await engine.stats(testRoot)).toMatchObject({ records });
    expect(await read(engine, at("k0"))).toBeDefined();
  });

  test("has taken nearly what the ceiling allows, overhead counted, and not more", async () => {
    const engine = open();
    const records = await fill(engine);
    const { bytes } = await engine.stats(testRoot);
    expect(bytes + records * 200).toBeGreaterThan(0.85 * mebibyte);
    expect(bytes + records * 272).toBeLessThan(mebibyte);
  });

  test("reason 8: still deletes, changes expiries, overwrites with as much, and takes as much as was freed", async () => {
    const engine = open();
    await fill(engine);
    const more = commitOf([put(at("x"), value)]);
    expect(await applyOne(engine, more)).toHaveProperty("refused");
    await write(engine, { op: "setExpiry", key: at("k1"), expireAt: 1e15 });
    await write(engine, put(at("k2"), "w".repeat(1000)));
    await write(engine, remove(at("k3")));
    expect(await applyOne(engine, commitOf([put(at("x"), value)]))).toHaveProperty("revision");
    expect(await applyOne(engine, commitOf([put(at("y"), value)]))).toHaveProperty("refused");
    await write(engine, remove(at("k4")), put(at("y"), value));
  });

  test("reason 8: still deletes when the deletion is remembered beside, and that may grow it a little", async () => {
    const engine = open();
    for (const name of ["a", "b"]) await write(engine, put(at(name), "small"));
    await fill(engine);
    const memory = (n: number) => put(key(1, quietSpace.name, 1, `request ${n}`), value);
    expect(await applyOne(engine, commitOf([memory(0)]))).toHaveProperty("refused");
    await write(engine, remove(at("a")), memory(0));
    await write(engine, remove(at("b")), memory(1));
    await write(engine, remove(at("k0")));
  });

  test("is empty again after every record was deleted one by one, under an open snapshot", async () => {
    const engine = open();
    const records = await fill(engine);
    const snapshot = await engine.snapshot();
    for (let n = 0; n < records; n++) await write(engine, remove(at(`k${n}`)));
    expect(await engine.stats(testRoot)).toEqual({ records: 0, bytes: 0 });
    // What it saw did not fit beside the history of the deletions.
    await expect(snapshot.get([])).rejects.toMatchObject({ kind: "snapshot_lost" });
    expect(await fill(engine)).toBe(records);
  });

  test("loses no snapshot for what only an ended one has seen", async () => {
    const engine = open({ historyBytes: 0 });
    for (let n = 0; n < 500; n++) await write(engine, put(at(`k${n}`), value));
    const overwrite = (from: number, to: number) =>
      write(
        engine,
        ...Array.from({ length: to - from }, (_, n) => put(at(`k${from + n}`), "w".repeat(1000))),
      );
    const ended = await engine.snapshot();
    await overwrite(0, 200);
    ended.close();
    const snapshot = await engine.snapshot();
    await overwrite(200, 400); // together with what the other one saw this would not fit
    const [entry] = await snapshot.get([at("k200")]);
    expect(entry?.value).toBe(value);
  });

  test("takes a range deletion that frees it", async () => {
    const engine = open();
    const records = await fill(engine);
    expect(await write(engine, removeRange(within(testRoot)))).toMatchObject({
      rangeDeleted: records,
    });
  });

  test("its history gives way to records, down to a floor that can be continued from", async () => {
    const engine = open();
    const start = await engine.head();
    const first = await write(engine, put(at("first"), value));
    expect(await engine.history(start, 1)).toHaveLength(1);
    await fill(engine);
    await expect(engine.history(first.revision, 1)).rejects.toMatchObject({ kind: "history_gone" });
    const before = await engine.head();
    const { revision } = await write(engine, put(at("first"), value));
    expect(await engine.history(before, 1e6)).toMatchObject([{ revision }]);
  });

  test("a history bounded in bytes forgets the oldest as it is written", async () => {
    const engine = open({ historyBytes: 20_000 });
    const revisions: number[] = [];
    for (let n = 0; n < 100; n++)
      revisions.push((await write(engine, put(at("a"), value))).revision);
    const oldest = 94; // each commit costs a value and the one before it, so about eight are kept
    await expect(engine.history(revisions[0] ?? 0, 1)).rejects.toMatchObject({
      kind: "history_gone",
    });
    const kept = await engine.history(revisions[oldest] ?? 0, 1e9);
    expect(kept).toHaveLength(99 - oldest);
  });

  test("a value larger than the whole store is refused, and the next one is not", async () => {
    const engine = open();
    expect(
      await applyOne(engine, commitOf([put(at("a"), "v".repeat(2 * mebibyte))])),
    ).toHaveProperty("refused");
    await write(engine, put(at("a"), value));
  });

  test("refused roots leave nothing behind", async () => {
    const engine = open();
    await fill(engine);
    for (let n = 0; n < 10; n++) {
      const root = key(1, "test", 100 + n);
      const outcome = await applyOne(engine, commitOf([put(key(1, "test", 100 + n, "a"), value)]));
      expect(outcome).toHaveProperty("refused");
      expect(await engine.stats(root)).toEqual({ records: 0, bytes: 0 });
    }
  });
});
