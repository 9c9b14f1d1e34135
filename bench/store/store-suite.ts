import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { startEtcd } from "../peers/etcd.ts";
import { startTiffin } from "../peers/tiffin.ts";
import { runChild } from "../process/run-child.ts";
import { isInstalled } from "../process/run-to-end.ts";
import { openScratchFolder } from "../process/scratch-folder.ts";
import { ratioOf, type Sample, sample } from "../report/sample.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import type { Table } from "../report/table.ts";
import { watchableEtcd, watchableTiffin, watchDelivery } from "../start/watch-delivery.ts";
import { describeDisk } from "./disk.ts";
import type { LoopDelay } from "./loop-delay.ts";
import { servedPuts } from "./served-puts.ts";
import type { Timed } from "./timed.ts";

/** Two files alike: one for the store, one for node:sqlite alone. */
interface Files {
  readonly store: string;
  readonly raw: string;
}

type Lap = Timed & { readonly delay?: LoopDelay };

/** SQLite: in process beside node:sqlite alone, served beside etcd, all on one disk. */
export async function benchStore({ rounds }: SuiteOptions): Promise<SuiteResult> {
  await using scratch = await openScratchFolder();
  const folder = scratch.path;
  const files = { store: join(folder, "store.db"), raw: join(folder, "raw.db") };
  const disk = describeDisk(folder);
  await inChild("fill-child.ts", [`sqlite:${files.store}`, entryCount]);
  await copyFile(files.store, files.raw);
  const tables = [
    await puts(files, rounds, disk),
    await reads(files, rounds),
    await scan(files, rounds),
    await open(files, rounds),
  ];
  const served = await serve(folder, rounds);
  return { tables: [...tables, ...served.tables], skipped: served.skipped };
}

async function puts({ store, raw }: Files, rounds: number, disk: string): Promise<Table> {
  const parameters = [store, raw, entryCount, rounds];
  const laps = await inChild<Record<string, Lap[]>>("puts-child.ts", parameters);
  const rows: Table["rows"][number][] = [];
  for (const writers of [1, 16, 256]) {
    const alone = rateOf(laps[`${writers}: raw`]);
    for (const [contender, title] of putters) {
      const run = laps[`${writers}: ${contender}`] ?? [];
      const isStore = contender === "store";
      rows.push({
        writers: String(writers),
        put: title,
        "puts/s": rateOf(run),
        "x one by one": ratioOf(rateOf(run), alone),
        "CPU us": sample(run.map(({ cpuMicros }) => cpuMicros)),
        "loop delay, p99 ms": isStore ? sample(run.map(({ delay }) => delay?.p99 ?? 0)) : "",
      });
    }
  }
  const note = `Overwrites of any of ${entries}, as the room makes them, each durable when it is answered. ${disk} Aim: event-loop delay under 5 ms at p99.`;
  return { title: "Durable puts in process", note, rows };
}

async function reads({ store, raw }: Files, rounds: number): Promise<Table> {
  type Reads = Record<string, { store: Timed[]; raw: Timed[] }>;
  const results = await inChild<Reads>("reads-child.ts", [store, raw, entryCount, rounds]);
  const rows = Object.entries(results).flatMap(([operation, run]) => {
    const alone = sample(run.raw.map(({ micros }) => micros));
    return [
      { operation, by: "Tiffin, SQLite", ...timesOf(run.store, alone) },
      { operation, by: "node:sqlite alone", ...timesOf(run.raw, alone) },
    ];
  });
  const note = `Of ${entries} at random, one caller, one after the other, the file in the system's cache.`;
  return { title: "Reads in process", note, rows };
}

async function scan({ store, raw }: Files, rounds: number): Promise<Table> {
  type Scans = { store: (Timed & { delay: LoopDelay })[]; raw: Timed[] };
  const parameters = [store, raw, entryCount, Math.min(5, rounds)];
  const run = await inChild<Scans>("scan-child.ts", parameters);
  const alone = sample(run.raw.map(({ micros }) => micros));
  const rows = [
    {
      by: "Tiffin, SQLite",
      ...timesOf(run.store, alone),
      "loop delay, p99 ms": sample(run.store.map(({ delay }) => delay.p99)),
    },
    { by: "node:sqlite alone", ...timesOf(run.raw, alone) },
  ];
  const note = `All of ${entries} at one revision, pages of 1,000, each decoded. Microseconds for each entry; a million of them are as many seconds.`;
  return { title: "Snapshot scan of a million", note, rows };
}

async function open({ store }: Files, rounds: number): Promise<Table> {
  const opened: { openMs: number; answerMs: number }[] = [];
  // The first fills the caches of compiled code.
  for (let round = -1; round < rounds; round++) {
    const result = await inChild<{ openMs: number; answerMs: number }>("open-child.ts", [
      `sqlite:${store}`,
      entryCount - 1,
    ]);
    if (round >= 0) opened.push(result);
  }
  const row = {
    entries: entryCount.toLocaleString("en"),
    "ms until open": sample(opened.map(({ openMs }) => openMs)),
    "ms to the first Get": sample(opened.map(({ answerMs }) => answerMs)),
    aim: "< 1,000",
  };
  const note = "In a process of its own, its checks included; the file in the system's cache.";
  return { title: "Opening a store of a million", note, rows: [row] };
}

/** Like with like: servers, called by gRPC, each with a disk that it waits for. */
async function serve(folder: string, rounds: number): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  const skipped: string[] = [];
  const tiffin = await startTiffin({ folder, storeUrl: `sqlite:${join(folder, "served.db")}` });
  stack.use(tiffin.server);
  const etcd = (await isInstalled("etcd")) ? await startEtcd(folder) : undefined;
  if (etcd === undefined) skipped.push("store: etcd is not installed (Debian: etcd-server)");
  else stack.use(etcd.server);
  const peers = [tiffin, ...(etcd === undefined ? [] : [etcd])];
  const tables: Table[] = [];
  if (await isInstalled("h2load")) tables.push(...(await servedPuts(peers, { rounds, folder })));
  else skipped.push("store: h2load is not installed (Debian: nghttp2-client)");
  const watched = [watchableTiffin(tiffin), ...(etcd === undefined ? [] : [watchableEtcd(etcd)])];
  tables.push(await watchDelivery(watched, rounds));
  return { tables, skipped };
}

function timesOf(run: readonly Timed[], alone: Sample): Record<string, Sample> {
  const micros = sample(run.map((timed) => timed.micros));
  return {
    "us by the clock": micros,
    "CPU us": sample(run.map(({ cpuMicros }) => cpuMicros)),
    "x node:sqlite alone": ratioOf(micros, alone),
  };
}

const rateOf = (run: readonly Timed[] = []): Sample =>
  sample(run.map(({ micros }) => 1e6 / micros));

function inChild<T>(script: string, parameters: readonly (number | string)[]): Promise<T> {
  return runChild<T>(join(import.meta.dirname, script), parameters);
}

const entryCount = 1_000_000;
const entries = "a million entries with 64-byte keys and 256-byte values";
const putters = [
  ["raw", "node:sqlite alone, one a transaction"],
  ["raw, grouped", "node:sqlite alone, all writers' in one"],
  ["store", "Tiffin, SQLite"],
] as const;
