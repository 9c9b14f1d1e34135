/**
 * What happens on a disk that fills up. Run by `unshare -rm`: mounts a small disk of its own, which nobody else sees and which is gone
 * with this process, and tells what it found.
 */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { within } from "../../src/store/key.ts";
import type { Store } from "../../src/store/store.ts";
import { countOf, indexOf, indexRoot, primaryOf } from "./crash-spaces.ts";
import { openCrashStore } from "./open-crash-store.ts";
import { tell } from "./tell.ts";

export interface FullDiskScene {
  /** Empty; the disk is mounted there. */
  readonly folder: string;
  /** Whether a snapshot is open meanwhile, so that the log cannot be moved into the database and takes all the room. */
  readonly snapshot: boolean;
}

/** "done", or an error's kind or name. */
type Outcome = string;

/** What it tells. */
export interface FullDiskFound {
  /** The commits that were acknowledged until one was refused. */
  readonly written: number;
  readonly refusals: readonly Outcome[];
  /** While it is full: what is there of the acknowledged and of the refused, and what became of a deletion. */
  readonly whenFull: Contents;
  readonly deletion: Outcome;
  /** When there is room again, of a write and of the check, with nothing done but that. */
  readonly whenRoom: Outcome;
  readonly damage: readonly string[];
  /** Of opening it while not a block is free, and what could be read then. */
  readonly opened: Outcome;
  readonly whenOpenedFull: Contents | undefined;
  readonly inTheEnd: Contents;
}

/** Primaries, their index and the counter: equal when no commit is there by halves. */
type Contents = readonly [primaries: number, index: number, counter: number];

const { folder, snapshot } = JSON.parse(process.argv[2] ?? "") as FullDiskScene;
const path = join(folder, "store.db");
const text = "x".repeat(4000);

mount("-t", "tmpfs", "-o", "size=8m", "tmpfs");
// Half of it: what is in the log needs its room twice until it has been moved into the database.
const ballast = fill("ballast", 1024);
const first = await open("first");
const written = await writeUntilRefused(first);
const refusals = [await write(first, -1), await write(first, -2)];
const whenFull = await contents(first);
const deletion = await remove(first, 0);
rmSync(ballast);
const whenRoom = await write(first, written);
const damage = await first.check();
await first.close();

const filler = fill("filler", Number.POSITIVE_INFINITY);
let second: Store | undefined;
const opened = await outcomeOf(
  open("second").then((store) => {
    second = store;
  }),
);
const whenOpenedFull = second && (await contents(second));
await second?.close();
rmSync(filler);
// The log and the database may need their room twice, until the one has been moved into the other.
mount("-o", "remount,size=32m");
const third = await open("third");
const inTheEnd = await contents(third);
damage.push(...(await third.check()));
await third.close();
tell({
  written,
  refusals,
  whenFull,
  deletion,
  whenRoom,
  damage,
  opened,
  whenOpenedFull,
  inTheEnd,
} satisfies FullDiskFound);

function mount(...options: readonly string[]): void {
  const { status, stderr } = spawnSync("mount", [...options, folder]);
  if (status !== 0) throw new Error(String(stderr));
}

function open(instance: string): Promise<Store> {
  return openCrashStore({ path, instance, clock: systemClock, checkpointPages: 100 });
}

async function writeUntilRefused(store: Store): Promise<number> {
  const held = snapshot ? await store.snapshot() : undefined;
  for (let number = 0; ; number++) {
    if ((await write(store, number)) === "done") continue;
    held?.close();
    return number;
  }
}

function remove(store: Store, number: number): Promise<Outcome> {
  return outcomeOf(
    store.update({ exclusive: [countOf(1)] }, async (tx) => {
      const counter = (await tx.get<number>(countOf(1)))?.value ?? 0;
      tx.delete(primaryOf(1, `a-${number}`));
      tx.delete(indexOf(1, `a-${number}`));
      tx.put(countOf(1), counter - 1, "none");
    }),
  );
}

function write(store: Store, number: number): Promise<Outcome> {
  const id = `a-${number}`;
  return outcomeOf(
    store.update({ exclusive: [countOf(1)] }, async (tx) => {
      const counter = (await tx.get<number>(countOf(1)))?.value ?? 0;
      tx.put(primaryOf(1, id), text, "none");
      tx.put(indexOf(1, id), id, "none");
      tx.put(countOf(1), counter + 1, "none");
    }),
  );
}

async function contents(store: Store): Promise<Contents> {
  const index = await store.page(within(indexRoot(1)), { limit: 10_000 });
  const ids = index.entries.map(({ value }) => value as string);
  const { entries } = await store.get([countOf(1), ...ids.map((id) => primaryOf(1, id))]);
  const [counter, ...primaries] = entries;
  const whole = primaries.filter((entry) => entry?.value === text);
  return [whole.length, index.entries.length, counter?.value as number];
}

async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work;
    return "done";
  } catch (error) {
    const { kind, name, message } = error as { kind?: string; name: string; message: string };
    return kind ?? `${name}: ${message}`;
  }
}

/** A file of so many blocks, or of all that are free. */
function fill(name: string, blocks: number): string {
  const file = join(folder, name);
  const descriptor = openSync(file, "w");
  const block = Buffer.alloc(4096);
  try {
    for (let number = 0; number < blocks; number++) writeSync(descriptor, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(descriptor);
  }
  return file;
}
