import { readFileSync } from "node:fs";

/**
 * User and system time that all threads of a process have used, in microseconds. The kernel counts in ticks of
 * 10 ms, so what is measured should last a second or more.
 */
export function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before may hold spaces
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) * tickMicros;
}

export interface MemoryUse {
  readonly residentMiB: number;
  readonly residentPeakMiB: number;
}

export function memoryOf(pid: number): MemoryUse {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return { residentMiB: mebibytes(status, "VmRSS"), residentPeakMiB: mebibytes(status, "VmHWM") };
}

function mebibytes(status: string, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status);
  return Number(match?.[1]) / 1024;
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const tickMicros = 10_000;
