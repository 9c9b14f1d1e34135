import { cpus, loadavg, release, totalmem } from "node:os";

/** Where the numbers come from: what bears on them, and nothing that names the machine. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly kernel: string;
  /** The average number of busy processes in the minute before: what others did. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: `${cores[0]?.model ?? "unknown"} (${process.arch})`,
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: `${process.platform} ${release().split("-")[0]}`,
    loadBefore: loadavg()[0] ?? Number.NaN,
  };
}
