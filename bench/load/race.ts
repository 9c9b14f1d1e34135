import { cpuMicrosOf } from "../process/process-meter.ts";
import { ratioOf, type Sample, sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";

/** How many calls are under way at once. */
export interface Shape {
  readonly connections: number;
  readonly streams: number;
}

export interface Heat {
  readonly method: "get" | "set";
  readonly shape: Shape;
}

/** A running server, and how it is called. */
export interface Contender {
  readonly name: string;
  readonly pid: number;
  /** Makes so many calls, and answers how many there were a second. */
  run(heat: Heat, calls: number): Promise<number>;
  /** Throws unless the server answers rightly: a load generator looks at no answer. */
  check(): Promise<void>;
}

export interface Race {
  readonly title: string;
  readonly note: string;
  readonly heat: Heat;
  readonly rounds: number;
  /** The first is what the others are compared with. */
  readonly contenders: readonly Contender[];
}

interface Lap {
  readonly cpuMicros: number;
  readonly perSecond: number;
}

/** Runs the contenders in turn, round after round, so that what disturbs one disturbs all; the order turns too. */
export async function race({ title, note, heat, rounds, contenders }: Race): Promise<Table> {
  const calls = new Map<Contender, number>();
  for (const contender of contenders) calls.set(contender, await warmUp(contender, heat));
  const laps = new Map<Contender, Lap[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length] as Contender;
      laps.get(contender)?.push(await lap(contender, heat, calls.get(contender) ?? 0));
    }
  }
  for (const contender of contenders) await contender.check();
  return { title, note, rows: rowsOf(laps) };
}

/** Lets the server compile what is hot, and answers how many calls will fill a lap. */
async function warmUp(contender: Contender, heat: Heat): Promise<number> {
  await contender.check();
  const first = await contender.run(heat, warmUpCalls);
  const second = await contender.run(heat, Math.ceil(first * warmUpSeconds));
  return Math.ceil(second * lapSeconds);
}

async function lap(contender: Contender, heat: Heat, calls: number): Promise<Lap> {
  const before = cpuMicrosOf(contender.pid);
  const perSecond = await contender.run(heat, calls);
  return { cpuMicros: (cpuMicrosOf(contender.pid) - before) / calls, perSecond };
}

function rowsOf(laps: ReadonlyMap<Contender, readonly Lap[]>): Table["rows"] {
  let floor: Sample | undefined;
  let first: Sample | undefined;
  return [...laps].map(([{ name }, run]) => {
    const cpu = sample(run.map(({ cpuMicros }) => cpuMicros));
    const rate = sample(run.map(({ perSecond }) => perSecond));
    floor ??= cpu;
    first ??= rate;
    return {
      server: name,
      "CPU us/call": cpu,
      "x the first": ratioOf(cpu, floor),
      "calls/s": rate,
      "x its calls/s": ratioOf(rate, first),
    };
  });
}

const warmUpCalls = 2_000;
const warmUpSeconds = 1;
/** Short, so that neighbours in a round see the same machine; a hundred of the kernel's ticks all the same. */
const lapSeconds = 0.8;
