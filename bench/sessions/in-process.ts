import { join } from "node:path";
import { runChild } from "../process/run-child.ts";
import { sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";
import type { LoopDelay } from "../store/loop-delay.ts";
import type { Timed } from "../store/timed.ts";

/** Sessions in process and in memory, without a transport; each part in a process of its own. */
export async function benchInProcess(rounds: number): Promise<Table[]> {
  return [...(await millions(rounds)), await expiring(rounds), await busy()];
}

async function millions(rounds: number): Promise<Table[]> {
  const kinds = [
    ["plain", "120 bytes of JSON, nobody's"],
    ["full", "with a subject of 13 bytes, an address and a user agent of 100"],
  ] as const;
  const sizes: Table["rows"][number][] = [];
  const times: Table["rows"][number][] = [];
  for (const [kind, name] of kinds) {
    const result = await child<Million>("million-child.ts", [many, rounds, kind]);
    sizes.push({
      session: name,
      "heap and external, B": result.memory.heldBytes,
      "resident, B": result.memory.residentBytes,
      "its records, B": result.memory.recordBytes,
    });
    for (const [call, runs] of Object.entries(kind === "plain" ? result.times : {})) {
      times.push({
        call,
        "us by the clock": sample(runs.map(({ micros }) => micros)),
        "CPU us": sample(runs.map(({ cpuMicros }) => cpuMicros)),
      });
    }
  }
  return [
    {
      title: "Memory of a session",
      note: "A million live sessions, after a full collection; history bounded at 1 MiB. A session is two records.",
      rows: sizes,
    },
    {
      title: "Calls among a million sessions, in process",
      note: "Of sessions at random, one caller, one call after the other.",
      rows: times,
    },
  ];
}

interface Million {
  readonly memory: { heldBytes: number; residentBytes: number; recordBytes: number };
  readonly times: Readonly<Record<string, readonly Timed[]>>;
}

async function expiring(rounds: number): Promise<Table> {
  const runs: Record<"nothing" | "unloaded" | "loaded", Expired>[] = [];
  // Each takes a minute and a half, nearly all of it to make what is to expire.
  for (let run = 0; run < Math.min(3, rounds); run++) {
    runs.push(await child("expiring-child.ts", [many, expiringAtOnce]));
  }
  const row = (name: string, pick: (run: (typeof runs)[number]) => Expired) => {
    const figure = (of: (expired: Expired) => number) => sample(runs.map((run) => of(pick(run))));
    return {
      "in one second": name,
      "loop delay p50, ms": figure(({ delay }) => delay.p50),
      p99: figure(({ delay }) => delay.p99),
      max: figure(({ delay }) => delay.max),
      "CPU us each": name.startsWith("100")
        ? figure(({ cpuMicros }) => cpuMicros / expiringAtOnce)
        : "",
      "ms until swept": figure(({ afterLastMs }) => afterLastMs),
      "longest four calls, ms": figure(({ callMsMax }) => callMsMax),
    };
  };
  return {
    title: "Sessions that expire together",
    note: "Beside a million that live. The light load: every 5 ms two Gets that write, a peek and a Create. CPU: of the whole process meanwhile, by session that expired.",
    rows: [
      row("nothing expires, light load", ({ nothing }) => nothing),
      row("100,000 expire, no load", ({ unloaded }) => unloaded),
      row("100,000 expire, light load", ({ loaded }) => loaded),
    ],
  };
}

interface Expired {
  readonly delay: LoopDelay;
  readonly cpuMicros: number;
  readonly afterLastMs: number;
  readonly callMsMax: number;
}

async function busy(): Promise<Table> {
  const results = await child<Busy[]>("busy-child.ts", []);
  const rows = results.map(({ interval, callsPerSecond, calls, commits }) => ({
    "touch interval": interval,
    "Gets a second": callsPerSecond,
    Gets: calls,
    commits,
    "commits a Get": commits / calls,
  }));
  const note = "One session, a minute by a clock turned by hand.";
  return { title: "What a busy session writes", note, rows };
}

interface Busy {
  readonly interval: string;
  readonly callsPerSecond: number;
  readonly calls: number;
  readonly commits: number;
}

const child = <T>(script: string, parameters: readonly (string | number)[]): Promise<T> =>
  runChild<T>(join(import.meta.dirname, script), parameters);

const many = 1_000_000;
const expiringAtOnce = 100_000;
