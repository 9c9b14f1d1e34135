import { CoreStore } from "../../src/store/core/core-store.ts";
import type { Engine } from "../../src/store/engine.ts";
import { within } from "../../src/store/key.ts";
import type { RootStatistics } from "../../src/store/store.ts";
import { alteredEngine } from "../support/altered-engine.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { crashSpaces, everything, purgesRoot, rootOf } from "./crash-spaces.ts";
import { pagesOf } from "./recovered.ts";

/**
 * Has the store above the engine sweep and purge what a killed process left, and closes it. Answers what is wrong then: jobs that are
 * still there, or statistics that count something else than what can be read.
 */
export async function finishLeftovers(engine: Engine, clock: ManualClock): Promise<string[]> {
  const swept = Promise.withResolvers<void>();
  const purged = Promise.withResolvers<void>();
  const jobs = within(purgesRoot);
  const fail = (error: unknown): void => {
    swept.reject(error);
    purged.reject(error);
  };
  const watched = alteredEngine(engine, {
    // The first sweep ends with it.
    trim: (keep) => engine.trim(keep).then(swept.resolve, fail),
    page: async (range, options) => {
      const page = await engine.page(range, options);
      if (range.start === jobs.start && page.entries.length === 0) purged.resolve();
      return page;
    },
  });
  const store = new CoreStore({
    engine: watched,
    spaces: crashSpaces,
    clock,
    random: () => 0.5,
    instance: `leftovers-${clock.now()}`,
    history: { bytes: Number.MAX_SAFE_INTEGER, ms: Number.MAX_SAFE_INTEGER },
    report: (_, cause) => fail(cause),
  });
  try {
    store.start();
    clock.advance(sweepMs);
    await Promise.all([swept.promise, purged.promise]);
    return [...(await checkStatistics(engine)), ...(await engine.check())];
  } finally {
    await store.close();
  }
}

/** Once nothing expired is stored any more, the statistics are of exactly what can be read. */
export async function checkStatistics(engine: Engine): Promise<string[]> {
  const counted = new Map<string, { records: number; bytes: number }>();
  for (const { key, bytes } of await pagesOf(engine, everything)) {
    const root = rootOf(key);
    const { records = 0, bytes: before = 0 } = counted.get(root) ?? {};
    counted.set(root, { records: records + 1, bytes: before + bytes });
  }
  const expected = [...counted].map(([root, each]) => statisticsText({ root, ...each })).sort();
  const roots = await engine.roots(everything, rootsMax);
  const actual = roots.map(statisticsText).sort();
  if (actual.join() === expected.join()) return [];
  return [`the roots are said to hold ${actual.join()}, and hold ${expected.join()}`];
}

const statisticsText = ({
  root,
  records,
  bytes,
}: Omit<RootStatistics, "root"> & { readonly root: string }): string =>
  `${JSON.stringify(root)}: ${records} records, ${bytes} bytes`;

const sweepMs = 1000;
const rootsMax = 100_000;
