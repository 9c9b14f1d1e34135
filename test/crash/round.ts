import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Step } from "../../src/store/sqlite/failpoint.ts";
import { openSqliteEngine } from "../../src/store/sqlite/sqlite-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { checkRecovered } from "./check-recovered.ts";
import { crashSpaces } from "./crash-spaces.ts";
import { type Fault, faultName, faultOf } from "./faults.ts";
import { createLedger, type Ledger, type Line } from "./ledger.ts";
import { finishLeftovers } from "./leftovers.ts";
import { gather } from "./recovered.ts";
import { landedIn } from "./replay.ts";
import { below, createRandom, oneOf } from "./seeded-random.ts";
import { runWriter, type WriterEnd } from "./writer-process.ts";

export interface RoundOptions {
  readonly seed: number;
  /** Where the file goes. */
  readonly folder: string;
  /** Fails at this step alone. */
  readonly step?: Step | undefined;
  /** What befalls the writers, one after the other; by the seed without. */
  readonly faults?: readonly Fault[];
}

export interface RoundResult {
  /** What was wrong after which fault, one sentence each. */
  readonly wrong: readonly string[];
  readonly processes: readonly { readonly fault: string; readonly killed: boolean }[];
  readonly acknowledged: number;
  /** Commits that are there and were not acknowledged. */
  readonly beyond: number;
}

/** One file: several writers one after the other, each killed, each time held against what they said. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const random = createRandom(options.seed, 0xc4a5);
  const faults =
    options.faults ??
    Array.from({ length: 1 + below(random, 4) }, () => faultOf(random, options.step));
  const path = join(options.folder, "store.db");
  const historyBytes = random() < 0.3 ? smallHistory : largeHistory;
  const checkpointPages = oneOf(random, [10, 100, 1000]);
  const ledger = createLedger(options.seed);
  const file: CrashedFile = { path, ledger, historyBytes, checkpointPages, start: firstInstant };
  const processes: { fault: string; killed: boolean }[] = [];
  const wrong: string[] = [];
  for (const [index, fault] of faults.entries()) {
    const end = await runUntil(fault, file);
    processes.push({ fault: faultName(fault), killed: end.signal === "SIGKILL" });
    wrong.push(...unexpectedEnd(end, fault).map((sentence) => `${faultName(fault)}: ${sentence}`));
    const isLast = index === faults.length - 1;
    // Sometimes the next writer is the first to see what the killed one left, and is killed over it.
    if (!isLast && random() < 0.3) continue;
    wrong.push(
      ...(await recover(file, isLast)).map((sentence) => `${faultName(fault)}: ${sentence}`),
    );
    if (wrong.length > 0) break;
  }
  const landed = ledger.recovered.plans.size;
  const acknowledged = ledger.acknowledged.size;
  return { wrong, processes, acknowledged, beyond: landed - acknowledged };
}

interface CrashedFile {
  readonly path: string;
  readonly ledger: Ledger;
  readonly historyBytes: number;
  readonly checkpointPages: number;
  /** The instant at which the next process opens it. */
  start: number;
}

async function runUntil(fault: Fault, file: CrashedFile): Promise<WriterEnd> {
  const { path, ledger, historyBytes, checkpointPages, start } = file;
  const began = performance.now();
  const first = Math.max(-1, ...ledger.attempted.keys()) + 1;
  const options = {
    path,
    seed: ledger.seed,
    first,
    plans: plansMax,
    clients,
    start,
    factor,
    historyBytes,
    checkpointPages,
    instance: `writer-${first}-${start}`,
    ...("failpoint" in fault && { failpoint: fault.failpoint }),
  };
  const end = await runWriter({ options }, ledger, killer(fault));
  // At least as late as the writer's own clock was.
  file.start += Math.ceil((performance.now() - began) * factor);
  return end;
}

/** Kills the writer when its time has come. */
function killer(fault: Fault): (line: Line, child: ChildProcess) => void {
  let acknowledged = 0;
  return ({ tells }, child) => {
    if (tells === "acknowledged") acknowledged++;
    if (tells === "opening" && fault.kills === "opening") {
      // A random moment, not a wait for anything.
      setTimeout(() => child.kill("SIGKILL"), fault.ms);
    }
    if ("acknowledged" in fault && acknowledged > fault.acknowledged) child.kill("SIGKILL");
  };
}

/** A writer is killed or comes to its end; it fails only at opening, and when it was made to there. */
function unexpectedEnd({ signal, code, told, why }: WriterEnd, fault: Fault): string[] {
  if (signal === "SIGKILL" || told.done === 1) return [];
  const harmedOpening = "failpoint" in fault && fault.failpoint.step === "during migration";
  if (harmedOpening && told.failed === 1 && told.opened === 0) return [];
  return [`the writer ended with ${signal ?? code}: ${why}`];
}

/** Opens the file as the next process does, and looks; after the last writer, finishes what is left to do. */
async function recover(file: CrashedFile, isLast: boolean): Promise<string[]> {
  const { path, ledger, start } = file;
  const clock = new ManualClock(start);
  const engine = await openSqliteEngine({ path, spaces: crashSpaces, clock });
  let wrong: string[];
  try {
    const recovered = await gather(engine, clock, ledger);
    wrong = await checkRecovered(ledger, recovered);
    const plans = new Set(landedIn(recovered).map(({ number }) => number));
    ledger.recovered = { head: recovered.head, plans };
  } catch (error) {
    await engine.close();
    throw error;
  }
  if (wrong.length === 0 && isLast) return finishLeftovers(engine, clock);
  await engine.close();
  return wrong;
}

const firstInstant = Date.UTC(2026, 0, 1);
const factor = 20;
const clients = 12;
/** More than any fault waits for. */
const plansMax = 1500;
const largeHistory = 256 * 1024 * 1024;
const smallHistory = 64 * 1024;
