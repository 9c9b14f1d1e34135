import { BytesClient } from "../load/grpc-client.ts";
import type { Shape } from "../load/race.ts";
import type { Tiffin } from "../peers/tiffin.ts";
import { cpuMicrosOf } from "../process/process-meter.ts";
import { ratioOf, type Sample, sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";
import { callAll } from "./call-all.ts";
import type { Course } from "./course.ts";

/** A course and the server that it has to itself, so that no other's garbage is collected in its laps. */
export interface Runner {
  readonly course: Course;
  readonly tiffin: Tiffin;
}

interface Lap {
  readonly cpuMicros: number;
  readonly perSecond: number;
}

/** Runs the courses in turn, round after round, as `race` does with servers that are called alike. */
export async function raceCourses(
  runners: readonly Runner[],
  shape: Shape,
  rounds: number,
): Promise<Table["rows"]> {
  const laps = new Map<Runner, { calls: number; run: Lap[] }>();
  for (const runner of runners) {
    const first = await lap(runner, shape, warmUpCalls);
    const second = await lap(runner, shape, Math.ceil(first.perSecond * warmUpSeconds));
    laps.set(runner, {
      calls: Math.max(lapCallsMin, Math.ceil(second.perSecond * lapSeconds)),
      run: [],
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < runners.length; turn++) {
      const runner = runners[(round + turn) % runners.length] as Runner;
      const own = laps.get(runner);
      own?.run.push(await lap(runner, shape, own.calls));
    }
  }
  return rowsOf(laps);
}

async function lap({ course, tiffin }: Runner, shape: Shape, calls: number): Promise<Lap> {
  const { address } = tiffin;
  const { path } = course;
  const answered = (message: Buffer): void => course.answered?.(message);
  const [probe, ...requests] = await course.prepare(address, calls + 1);
  const before = cpuMicrosOf(tiffin.server.pid);
  const perSecond = await callAll({ address, path, requests, shape, answered });
  const cpuMicros = (cpuMicrosOf(tiffin.server.pid) - before) / calls;
  using client = new BytesClient(address);
  const answer = await client.call(path, probe as Uint8Array);
  course.check(answer);
  answered(answer);
  await course.tidyUp?.(address);
  return { cpuMicros, perSecond };
}

function rowsOf(laps: ReadonlyMap<Runner, { run: readonly Lap[] }>): Table["rows"] {
  const measured = [...laps].map(([{ course }, { run }]) => ({
    course,
    cpu: sample(run.map(({ cpuMicros }) => cpuMicros)),
    rate: sample(run.map(({ perSecond }) => perSecond)),
  }));
  const ratio = (cpu: Sample, reference: string): Sample | undefined => {
    const found = measured.find(({ course }) => course.name === reference);
    return found && ratioOf(cpu, found.cpu);
  };
  return measured.map(({ course: { name, against }, cpu, rate }) => ({
    call: name,
    "CPU us/call": cpu,
    against: against && `KV ${against.reference}`,
    "x json": against && ratio(cpu, `KV ${against.reference}, json`),
    "x bytes": against && ratio(cpu, `KV ${against.reference}, bytes`),
    aim: against && `<= ${against.aim}`,
    "calls/s": rate,
  }));
}

const warmUpCalls = 10_000;
const warmUpSeconds = 1;
const lapSeconds = 0.8;
/** On a busy machine a lap takes longer instead of saying less. */
const lapCallsMin = 5_000;
