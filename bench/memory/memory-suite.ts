import { join } from "node:path";
import { runChild } from "../process/run-child.ts";
import { sample } from "../report/sample.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import type { Table } from "../report/table.ts";
import type { Timed } from "../store/timed.ts";

/** The store in memory and in process, without a transport; each part in a process of its own, with a heap of its own. */
export async function benchMemory({ rounds }: SuiteOptions): Promise<SuiteResult> {
  const tables = [
    await operations(rounds),
    await memory(rounds),
    await locks(rounds),
    await updates(rounds),
  ];
  return { tables, skipped: [] };
}

async function operations(rounds: number): Promise<Table> {
  const rows: Table["rows"][number][] = [];
  for (const keys of sizes) {
    const results = await inChild<Record<string, Timed[]>>("operations-child.ts", [keys, rounds]);
    for (const [operation, times] of Object.entries(results)) {
      rows.push({
        operation,
        keys: keys.toLocaleString("en"),
        "us by the clock": sample(times.map(({ micros }) => micros)),
        "CPU us": sample(times.map(({ cpuMicros }) => cpuMicros)),
        "aim, us": aims[operation] ?? "",
      });
    }
  }
  const title = "Operations in memory and in process";
  return {
    title,
    note: "64-byte keys at random, 256-byte values, one caller, one after the other, history bounded at 16 MiB. The floor is an encoded key and a Map of as many.",
    rows,
  };
}

async function memory(rounds: number): Promise<Table> {
  const runs: { perKey: number; residentPerKey: number }[] = [];
  // The heap hardly varies: more than three runs say nothing new.
  for (let run = 0; run < Math.min(3, rounds); run++) {
    runs.push(await inChild("memory-child.ts", [1_000_000]));
  }
  const row = {
    keys: "1,000,000",
    "heap and external, B a key": sample(runs.map(({ perKey }) => perKey)),
    "resident, B a key": sample(runs.map(({ residentPerKey }) => residentPerKey)),
    aim: "< 600",
  };
  const note =
    "64-byte keys, 256-byte values, all told: key, value, record, index; history bounded at 1 MiB.";
  return { title: "Memory a key", note, rows: [row] };
}

async function locks(rounds: number): Promise<Table> {
  const results = await inChild<Record<string, { free: number[]; contended: number[] }>>(
    "locks-child.ts",
    [rounds],
  );
  const rows = Object.entries(results).map(([lock, { free, contended }]) => ({
    lock,
    "free, CPU ns": sample(free),
    "64 callers on one key, CPU ns": sample(contended),
  }));
  const note = "Taking it, awaiting once, giving it back.";
  return { title: "The lock alone", note, rows };
}

async function updates(rounds: number): Promise<Table> {
  type Updates = (Timed & { attemptsPerUpdate: number; gaveUp: number })[];
  const results = await inChild<Record<string, Updates>>("updates-child.ts", [rounds]);
  const rows = Object.entries(results).map(([update, runs]) => ({
    update,
    "us by the clock": sample(runs.map(({ micros }) => micros)),
    "CPU us": sample(runs.map(({ cpuMicros }) => cpuMicros)),
    "attempts an update": sample(runs.map(({ attemptsPerUpdate }) => attemptsPerUpdate)),
    "gave up": sample(runs.map(({ gaveUp }) => gaveUp)),
  }));
  const note =
    "All callers at once increment one counter by read-modify-write, and again when all are done.";
  return { title: "Updates of one key", note, rows };
}

function inChild<T>(script: string, parameters: readonly number[]): Promise<T> {
  return runChild<T>(join(import.meta.dirname, script), parameters);
}

const sizes = [1_000, 100_000, 1_000_000];
const aims: Readonly<Record<string, string>> = {
  get: "< 2",
  "set, overwriting": "< 5",
  "set, creating": "< 5",
  "list of 100": "< 50",
};
