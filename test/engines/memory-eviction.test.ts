import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { key, within } from "../../src/store/key.ts";
import { openMemoryEngine } from "../../src/store/memory/memory-engine.ts";
import type { StoreEvent } from "../../src/store/store.ts";
import { applyOne, commitOf, put, read, remove, write } from "../contracts/engine-writes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { at, cacheSpace, testRoot, testSpaces } from "../support/test-spaces.ts";

const mebibyte = 1024 * 1024;
const value = "v".repeat(1000);
const cacheRoot = key(1, cacheSpace.name, 1);
const cached = (name: string | number) => key(1, cacheSpace.name, 1, String(name));

function open(): { engine: Engine; clock: ManualClock } {
  const clock = new ManualClock();
  const engine = openMemoryEngine({
    spaces: testSpaces,
    clock,
    bytesMax: mebibyte,
    historyBytes: mebibyte,
    whenFull: "evict",
  });
  return { engine, clock };
}

/** Writes cache records until the first of them had to go; answers how many there are. */
async function fill(engine: Engine): Promise<number> {
  for (let n = 0; ; n++) {
    await write(engine, put(cached(n), value));
    const { records } = await engine.stats(cacheRoot);
    if (records <= n) return records;
  }
}

async function eventsOf(engine: Engine, run: () => Promise<unknown>): Promise<StoreEvent[]> {
  const before = await engine.head();
  await run();
  return (await engine.history(before, 1e9)).flatMap(({ events }) => events);
}

describe("a full memory engine that evicts", () => {
  test("makes room in the commit that needs it, with events before its own", async () => {
    const { engine } = open();
    const records = await fill(engine);
    const events = await eventsOf(engine, () => write(engine, put(cached("new"), value)));
    expect(events.map(({ type }) => type)).toEqual(["evicted", "put"]);
    const [evicted] = events;
    expect(evicted).toMatchObject({ previous: { value } });
    const victim = evicted?.type === "evicted" ? evicted.key : cached("none");
    expect(await read(engine, victim)).toBeUndefined();
    expect(await engine.stats(cacheRoot)).toMatchObject({ records });
  });

  test("reason 8, test 9: never takes another space's records, and refuses when only those are left", async () => {
    const { engine } = open();
    await write(engine, put(at("precious"), value));
    await fill(engine);
    let n = 0;
    for (; n < 10_000; n++) {
      if ("refused" in (await applyOne(engine, commitOf([put(at(`k${n}`), value)])))) break;
    }
    expect(await engine.stats(cacheRoot)).toEqual({ records: 0, bytes: 0 });
    expect(await engine.stats(testRoot)).toMatchObject({ records: n + 1 });
    expect((await engine.page(within(testRoot), { limit: 10_000 })).entries).toHaveLength(n + 1);
    expect(await applyOne(engine, commitOf([put(cached("x"), value)]))).toMatchObject({
      refused: { kind: "store_full" },
    });
    await write(engine, remove(at("precious")));
    await write(engine, put(cached("x"), value));
  });

  test("keeps what is read again and again", async () => {
    const { engine } = open();
    const records = await fill(engine);
    const hot = (await engine.page(within(cacheRoot), { limit: 20 })).entries.map((e) => e.key);
    for (let n = 0; n < 10 * records; n++) {
      await engine.get([hot[n % hot.length] ?? cached(0)]);
      await write(engine, put(cached(`new ${n}`), value));
    }
    const { entries } = await engine.get(hot);
    expect(entries.filter((entry) => entry === undefined)).toEqual([]);
  });

  test("takes nearly the least recently used: of two halves, the unread one goes first", async () => {
    const { engine } = open();
    const records = await fill(engine);
    const { entries } = await engine.page(within(cacheRoot), { limit: records });
    const [read, unread] = [entries.slice(0, records / 2), entries.slice(records / 2)];
    await engine.get(read.map((entry) => entry.key));
    for (let n = 0; n < unread.length / 2; n++) await write(engine, put(cached(`n${n}`), value));
    const left = await engine.get(read.map((entry) => entry.key));
    const lost = left.entries.filter((entry) => entry === undefined).length;
    expect(lost).toBeLessThan(unread.length / 20);
  });

  test("spares what the commit itself expects or writes", async () => {
    const { engine } = open();
    const records = await fill(engine);
    const { entries } = await engine.page(within(cacheRoot), { limit: records });
    const kept = entries.slice(0, 5).map((entry) => entry.key);
    const outcome = await applyOne(
      engine,
      commitOf(
        [
          put(at("big"), "v".repeat(800_000)),
          { op: "setExpiry", key: kept[4] ?? at(""), expireAt: 1e15 },
        ],
        kept.slice(0, 4).map((each) => ({ key: each, is: "present" })),
      ),
    );
    expect(outcome).toHaveProperty("revision");
    expect((await engine.get(kept)).entries.every((entry) => entry !== undefined)).toBe(true);
  });

  test("a commit that fits even an emptied store not at all evicts nothing", async () => {
    const { engine } = open();
    const records = await fill(engine);
    const huge = commitOf([put(cached("huge"), "v".repeat(2 * mebibyte))]);
    expect(await applyOne(engine, huge)).toMatchObject({ refused: { kind: "store_full" } });
    expect(await engine.stats(cacheRoot)).toMatchObject({ records });
    const events = await eventsOf(engine, () => write(engine, put(cached("new"), value)));
    expect(events.map(({ type }) => type)).toEqual(["evicted", "put"]);
  });

  test("what has expired when it goes is expired, not evicted", async () => {
    const { engine, clock } = open();
    const records = await fill(engine);
    const { entries } = await engine.page(within(cacheRoot), { limit: records });
    for (const { key: each } of entries) {
      await write(engine, { op: "setExpiry", key: each, expireAt: clock.now() + 10 });
    }
    clock.advance(10);
    const events = await eventsOf(engine, () => write(engine, put(cached("new"), value)));
    expect(events.map(({ type }) => type)).toEqual(["expired", "put"]);
  });

  test("an open snapshot sees what is evicted, or is lost; it never sees a mix", async () => {
    const { engine } = open();
    const records = await fill(engine);
    const snapshot = await engine.snapshot();
    const before = (await snapshot.page(within(cacheRoot), { limit: records })).entries;
    expect(before).toHaveLength(records);
    for (let n = 0; n < 2 * records; n++) {
      await write(engine, put(cached(`n${n}`), value));
      const seen = await snapshot.page(within(cacheRoot), { limit: records }).catch((e) => e.kind);
      if (seen === "snapshot_lost") return;
      expect(seen.entries).toEqual(before);
    }
    throw new Error("a full store kept all that a snapshot saw beside all that it holds");
  });

  test("writing for long keeps the number of records where it was", async () => {
    const { engine } = open();
    const records = await fill(engine);
    for (let n = 0; n < 5 * records; n++) await write(engine, put(cached(`n${n}`), value));
    const { records: after } = await engine.stats(cacheRoot);
    expect(Math.abs(after - records)).toBeLessThan(5);
    let paged = 0;
    const { entries } = await engine.page(within(cacheRoot), { limit: 10_000 });
    for (const entry of entries) if ((await read(engine, entry.key)) !== undefined) paged++;
    expect(paged).toBe(after);
  });
});
