import { describe, expect, test } from "vitest";
import { Snapshots } from "../../src/store/memory/snapshots.ts";
import { never, StoredRecord } from "../../src/store/memory/stored-record.ts";
import { VersionChains } from "../../src/store/memory/version-chains.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";

const root = { key: testRoot, space: testSpace, records: 0, bytes: 0 };

function open(): { snapshots: Snapshots; chains: VersionChains } {
  const snapshots: Snapshots = new Snapshots(() => chains.beginRelease());
  const chains = new VersionChains(snapshots);
  return { snapshots, chains };
}

const recordOf = (name: string): StoredRecord =>
  new StoredRecord({ key: at(name), root }, { value: "v", version: 1, created: 1, bytes: 100 });

/** As an overwrite does it. */
function overwrite(chains: VersionChains, record: StoredRecord, version: number): void {
  chains.keep(record, never);
  record.version = version;
}

describe("version chains", () => {
  test("keep nothing while no snapshot is open", () => {
    const { chains } = open();
    overwrite(chains, recordOf("a"), 2);
    expect([chains.size, chains.bytes]).toEqual([0, 0]);
  });

  test("keep one image a snapshot, however often a record is written", () => {
    const { snapshots, chains } = open();
    const record = recordOf("a");
    snapshots.open(1, { at: 0, until: 0 });
    for (let version = 2; version < 100; version++) overwrite(chains, record, version);
    expect(record.chain?.images).toMatchObject([{ version: 1 }]);
    snapshots.open(99, { at: 0, until: 0 });
    for (let version = 100; version < 200; version++) overwrite(chains, record, version);
    expect(record.chain?.images).toMatchObject([{ version: 1 }, { version: 99 }]);
  });

  test("one image serves a changed expiry, however often it changes", () => {
    const { snapshots, chains } = open();
    const record = recordOf("a");
    snapshots.open(1, { at: 0, until: 0 });
    for (let time = 0; time < 100; time++) chains.keep(record, time);
    expect(record.chain?.images).toMatchObject([{ expireAt: 0 }]);
  });

  test("a chain never grows past the open snapshots, while the oldest stays and others come and go", () => {
    const { snapshots, chains } = open();
    const record = recordOf("a");
    snapshots.open(1, { at: 0, until: 0 });
    for (let version = 2; version < 1000; version++) {
      const passing = snapshots.open(record.version, { at: 0, until: 0 });
      overwrite(chains, record, version);
      snapshots.close(passing);
      expect(record.chain?.images.length).toBeLessThanOrEqual(2);
    }
  });

  test("nor does it by changes of an expiry, which leave the version alone", () => {
    const { snapshots, chains } = open();
    const record = recordOf("a");
    snapshots.open(1, { at: 0, until: 0 });
    for (let time = 0; time < 1000; time++) {
      const passing = snapshots.open(1, { at: 0, until: 0 });
      chains.keep(record, time);
      snapshots.close(passing);
      expect(record.chain?.images.length).toBeLessThanOrEqual(2);
    }
  });

  test("let go what only a closed snapshot saw, a slice at a time, to the last byte", () => {
    const { snapshots, chains } = open();
    const records = Array.from({ length: 100 }, (_, n) => recordOf(String(n)));
    const snapshot = snapshots.open(1, { at: 0, until: 0 });
    for (const record of records) overwrite(chains, record, 2);
    for (const record of records.slice(50)) {
      chains.keep(record, never);
      chains.bury(record);
    }
    expect([chains.size, chains.buried.size]).toEqual([100, 50]);
    expect(chains.bytes).toBeGreaterThan(100 * 100);
    chains.release(1000);
    expect(chains.size).toBe(100);
    snapshots.close(snapshot);
    chains.release(60);
    const between = chains.bytes;
    expect(between).toBeGreaterThan(0);
    chains.release(60);
    expect([chains.size, chains.buried.size, chains.bytes]).toEqual([0, 0, 0]);
    expect(records.every(({ chain }) => chain === undefined)).toBe(true);
  });

  test("keep what another snapshot sees when one of them closes, even half way through a pass", () => {
    const { snapshots, chains } = open();
    const records = Array.from({ length: 10 }, (_, n) => recordOf(String(n)));
    const first = snapshots.open(1, { at: 0, until: 0 });
    for (const record of records) overwrite(chains, record, 2);
    const second = snapshots.open(2, { at: 0, until: 0 });
    for (const record of records) overwrite(chains, record, 3);
    snapshots.close(first);
    chains.release(5);
    snapshots.close(second);
    chains.release(5);
    expect(chains.size).toBe(5);
    chains.release(100);
    expect([chains.size, chains.bytes]).toEqual([0, 0]);
  });

  test("a record written again takes over what snapshots saw of the one before it", () => {
    const { snapshots, chains } = open();
    const record = recordOf("a");
    const snapshot = snapshots.open(1, { at: 0, until: 0 });
    chains.keep(record, never);
    chains.bury(record);
    const next = recordOf("a");
    chains.adopt(next);
    expect([chains.buried.size, next.chain?.images.length]).toEqual([0, 1]);
    snapshots.close(snapshot);
    chains.release(1);
    expect(next.chain).toBeUndefined();
  });
});
