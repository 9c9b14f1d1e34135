import { systemClock } from "../../src/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Space } from "../../src/store/space.ts";
import type { Store } from "../../src/store/store.ts";

export interface BenchStoreOptions {
  /** Which engine, and where: as in TIFFIN_STORE_URL. */
  readonly url: string;
  readonly spaces: readonly Space<unknown>[];
  readonly historyBytes: number;
}

/** A store as the server opens it, but for its limits; what fails in the background fails the benchmark. */
export function openBenchStore({ url, spaces, historyBytes }: BenchStoreOptions): Promise<Store> {
  return openStore({
    url,
    spaces,
    clock: systemClock,
    random: Math.random,
    instance: `bench-${process.pid}`,
    history: { bytes: historyBytes, ms: 3_600_000 },
    limits: {},
    memory: { bytesMax: 8 * 2 ** 30, whenFull: "refuse" },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
}
