/**
 * `npm run crash -- [--rounds N] [--seed N] [--failpoint STEP]`: kills writers of a SQLite file over and over, at random moments and
 * at every step of writing, and holds what the next process finds against what was acknowledged. A round that fails
 * keeps its folder, and prints its seed. With `--purge N` instead: a namespace of N records is deleted and its purge killed half way.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Step } from "../../src/store/sqlite/failpoint.ts";
import { steps } from "./faults.ts";
import { runPurge } from "./purge-round.ts";
import { type RoundResult, runRound } from "./round.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    failpoint: { type: "string" },
    purge: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const step = steps.find((known) => known === values.failpoint);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
if (!(Number.isInteger(rounds) && rounds > 0 && Number.isInteger(seed)) || isUnknownStep()) {
  print("usage: npm run crash -- [--rounds N] [--seed N] [--failpoint STEP]");
  print(`steps: ${steps.join(", ")}`);
  process.exit(2);
}

if (values.purge !== undefined) process.exit(await purgeOne(Number(values.purge)));

/** Of one round. */
const sentencesMax = 10;
const results: RoundResult[] = [];
let failed = 0;
let next = 0;
/** Each waits for its writer most of the time, and checks what it left the rest. */
const lanes = 3;
await Promise.all(Array.from({ length: lanes }, runLane));
printTable(results);
process.exit(failed === 0 ? 0 : 1);

async function runLane(): Promise<void> {
  while (next < rounds) await runOne(seed + next++);
}

async function runOne(roundSeed: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tiffin-crash-"));
  try {
    const result = await runRound({ seed: roundSeed, folder, step });
    results.push(result);
    if (result.wrong.length > 0) throw new Error(result.wrong.slice(0, sentencesMax).join("\n  "));
    await rm(folder, { recursive: true });
  } catch (error) {
    failed++;
    print(`round ${roundSeed} failed:\n  ${(error as Error).stack}`);
    print(`  its file: ${folder}`);
    print(`  again: npm run crash -- --rounds 1 --seed ${roundSeed}${stepArgument(step)}`);
  }
}

async function purgeOne(records: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "tiffin-crash-"));
  const began = performance.now();
  const round = await runPurge(folder, records);
  await rm(folder, { recursive: true });
  const { signal, foundAnew, left, leftInTheEnd, value, wrong } = round;
  const good =
    signal === "SIGKILL" && foundAnew === 0 && value === "new" && leftInTheEnd + wrong.length === 0;
  print(
    `${records} records purged, killed by ${signal} with ${left} left, ${leftInTheEnd} when the next process had finished, in ${Math.round(performance.now() - began)} ms`,
  );
  for (const sentence of wrong) print(`  ${sentence}`);
  return good ? 0 : 1;
}

function printTable(all: readonly RoundResult[]): void {
  const kills = new Map<string, { killed: number; others: number }>();
  for (const { fault, killed } of all.flatMap(({ processes }) => processes)) {
    const row = kills.get(fault) ?? { killed: 0, others: 0 };
    if (killed) row.killed++;
    else row.others++;
    kills.set(fault, row);
  }
  const sum = (count: (result: RoundResult) => number): number =>
    all.reduce((total, result) => total + count(result), 0);
  print("processes, by what befell them: killed, came to their end");
  for (const [fault, { killed, others }] of [...kills].sort())
    print(`  ${fault.padEnd(28)}${String(killed).padStart(5)}${String(others).padStart(5)}`);
  const processes = sum((result) => result.processes.length);
  const killed = sum((result) => result.processes.filter((each) => each.killed).length);
  const acknowledged = sum((result) => result.acknowledged);
  const beyond = sum((result) => result.beyond);
  print(
    `${rounds} rounds, ${failed} failed; ${processes} processes, ${killed} killed; ${acknowledged} commits acknowledged, ${beyond} recovered beyond them; seed ${seed}`,
  );
}

function isUnknownStep(): boolean {
  return values.failpoint !== undefined && step === undefined;
}

function stepArgument(chosen: Step | undefined): string {
  return chosen === undefined ? "" : ` --failpoint "${chosen}"`;
}
