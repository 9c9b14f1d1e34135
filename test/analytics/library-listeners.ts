import { expect, onTestFinished, test } from "vitest";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import type { StoreProfiler } from "../../src/analytics-store/profiler.ts";
import type { StatementLoggers } from "../../src/analytics-store/sql/statements.ts";
import type { Report } from "../../src/analytics-store/tell-safely.ts";
import type { Clock } from "../../src/clock.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { quiet } from "../support/settle.ts";
import { newScope } from "./analytics-subject.ts";
import { ask, question, totals, under, valuesOf } from "./analytics-terms.ts";

export interface LibraryOptions {
  readonly clock: Clock;
  readonly report: Report;
  readonly profiler?: StoreProfiler;
}

type Construct = (options: LibraryOptions) => AnalyticsStore;

async function open(construct: Construct, said: Partial<LibraryOptions>): Promise<AnalyticsStore> {
  const store = construct({ clock: new ManualClock(), report: () => {}, ...said });
  onTestFinished(() => store.close());
  await store.init();
  return store;
}

/** What whoever constructs a store is told of its queries. */
export function describeStoreProfilers(name: string, construct: Construct): void {
  test(`${name} tells its profiler of the queries that bring none, and tells them apart`, async () => {
    const stages: number[] = [];
    const plans: number[] = [];
    const store = await open(construct, {
      profiler: {
        stage: (_, ms, query) => void (ms >= 0 && stages.push(query)),
        plan: (text, query) => void (text !== "" && plans.push(query)),
      },
    });
    const scope = newScope();
    await store.add(scope, { series: [under("a", 1)] });
    let own = 0;
    await Promise.all([
      ask(store, scope),
      ask(store, scope, { profiler: { stage: () => own++, plan: () => own++ } }),
      ask(store, scope),
    ]);
    expect(own).toBeGreaterThan(1);
    expect(new Set(stages).size).toBe(2);
    expect(plans.sort()).toEqual([...new Set(stages)].sort());
  });

  test(`${name} answers and writes though all who listen throw`, async () => {
    const reported = new Set<string>();
    const fail = (): never => {
      throw new Error("not well");
    };
    const failLater = async (): Promise<void> => fail();
    for (const listen of [fail, failLater]) {
      const store = await open(construct, {
        report: (problem, cause) => void reported.add(`${problem}: ${cause}`),
        profiler: { stage: listen, plan: listen },
        ...({ queryLogger: listen, resultsLogger: listen } satisfies StatementLoggers),
      });
      const scope = newScope();
      store.onChange(listen);
      reported.clear();
      await store.add(scope, { series: [under("a", 1), under("b", 2)] });
      expect(await totals(store, scope)).toEqual({ a: 1, b: 2 });
      const profiler = { stage: listen, plan: listen };
      expect((await store.query(scope, question({ profiler }))).groups).toHaveLength(2);
      expect(await store.delete(scope, { filter: { from: 0 } })).toMatchObject({ series: 2 });
      expect(await valuesOf(store, scope)).toEqual([]);
      await quiet();
      const expected = name === "memory" ? inAll : [...inAll, ...inSql];
      expect([...reported].sort()).toEqual(expected.map((who) => `${who} threw: Error: not well`));
    }
  });
}

const inAll = ["a listener of changes of series", "a profiler"];
const inSql = ["a query logger", "a results logger"];
