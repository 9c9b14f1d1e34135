import { setImmediate } from "node:timers/promises";
import { CoreStore } from "../../src/store/core/core-store.ts";
import type { Engine } from "../../src/store/engine.ts";
import { within } from "../../src/store/key.ts";
import type { Entry, RootStatistics } from "../../src/store/store.ts";
import { alteredEngine } from "../support/altered-engine.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { crashSpaces, everything, purgesRoot, rootOf } from "./crash-spaces.ts";
import { pagesOf } from "./recovered.ts";

/**
 * Has the store above the engine sweep and purge what a killed process left, and closes it. Answers what is wrong then: damage, or
 * statistics that count something else than what can be read.
 */
export async function finishLeftovers(engine: Engine, clock: ManualClock): Promise<string[]> {
  const purged = Promise.withResolvers<void>();
  const jobs = within(purgesRoot);
  let due: Promise<readonly Entry[]> | undefined;
  const watched = alteredEngine(engine, {
    due(limit) {
      const found = engine.due(limit);
      due = found;
      return found;
    },
    async page(range, options) {
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
    report: (_, cause) => purged.reject(cause),
  });
  try {
    store.start();
    await purged.promise;
    // A sweep begins within the turn of the clock, and the next only when it is over.
    for (let turn = 0; turn < turnsMax && (await due)?.length !== 0; turn++) {
      clock.advance(sweepMs);
      await setImmediate();
    }
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
  const expected = [...counted].map(([root, each]) => statisticsText({ root, ...each }));
  const roots = await engine.roots(everything, rootsMax);
  const actual = roots.map(statisticsText);
  return [
    ...actual.filter((each) => !expected.includes(each)).map((each) => `the roots say ${each}`),
    ...expected.filter((each) => !actual.includes(each)).map((each) => `the records say ${each}`),
  ];
}

const statisticsText = ({
  root,
  records,
  bytes,
}: Omit<RootStatistics, "root"> & { readonly root: string }): string =>
  `${JSON.stringify(root)}: ${records} records, ${bytes} bytes`;

const sweepMs = 100;
const turnsMax = 100_000;
const rootsMax = 100_000;
