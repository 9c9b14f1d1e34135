/** Powerhouse's analytics engine on PGlite in memory, by its documented interface: `powerhouse-contender.ts FOLDER`, asked by its parent. */
import type * as Luxon from "luxon";
import type { NewSeries } from "../../src/analytics-store/series.ts";
import type { Contender } from "./contender.ts";
import { importPeer } from "./peer-packages.ts";
import { digestOf, type Question } from "./questions.ts";
import { yearEndMs, yearStartMs } from "./sample-series.ts";
import { serveContender } from "./serve-contender.ts";

const [folder = ""] = process.argv.slice(2);
serveContender(openPowerhouse);

async function openPowerhouse(): Promise<Contender> {
  const core = await importPeer<Core>(folder, "@powerhousedao/analytics-engine-core");
  const browser = await importPeer<Browser>(folder, "@powerhousedao/analytics-engine-browser");
  const { PGlite } = await importPeer<Pglite>(folder, "@electric-sql/pglite");
  const { DateTime } = await importPeer<typeof Luxon>(folder, "luxon");
  const pgLite = await PGlite.create();
  const store = new browser.BrowserAnalyticsStore({ pgLite });
  await store.init();
  const engine = new core.AnalyticsQueryEngine(store);
  const words: Words = {
    core,
    toPath: (text) => core.AnalyticsPath.fromString(text),
    toTime: (ms) => DateTime.fromMillis(ms, { zone: "utc" }),
  };
  return {
    name: "Powerhouse 6.2.2",
    prepare: (batch) => batch.map((series) => toInput(series, words)),
    add: async (inputs) => await store.addSeriesValues(inputs as unknown[]),
    /** Nobody does in what is shipped, and PGlite has no autovacuum. */
    settle: async () => await pgLite.exec("analyze"),
    async ask(question) {
      const periods = await engine.execute(toQuery(question, words));
      const rows = periods.flatMap(({ rows }) => rows);
      return digestOf([{ value: rows.map(({ value }) => value), sum: rows.map(({ sum }) => sum) }]);
    },
    close: async () => await pgLite.close(),
  };
}

/** How it says paths and times. */
interface Words {
  readonly core: Core;
  readonly toPath: (text: string) => unknown;
  readonly toTime: (ms: number) => unknown;
}

const toInput = (series: NewSeries, { toPath, toTime }: Words): unknown => ({
  source: toPath(series.source),
  metric: series.metric,
  start: toTime(series.start),
  value: series.value,
  unit: series.unit,
  dimensions: Object.fromEntries(
    Object.entries(series.dimensions ?? {}).map(([name, path]) => [name, toPath(path)]),
  ),
});

function toQuery({ granularity, select }: Question, { core, toPath, toTime }: Words): unknown {
  const granularities = { total: "Total", monthly: "Monthly", daily: "Daily" } as const;
  return {
    start: toTime(yearStartMs),
    end: toTime(yearEndMs),
    granularity: core.AnalyticsGranularity[granularities[granularity]],
    metrics: ["Budget"],
    currency: toPath("DAI"),
    select: Object.fromEntries(
      select.map(({ dimension, path }) => [dimension, path === undefined ? [] : [toPath(path)]]),
    ),
    lod: Object.fromEntries(select.map(({ dimension, levels }) => [dimension, levels])),
  };
}

/** What is used of the packages, which are installed only when this is measured. */
interface Core {
  readonly AnalyticsPath: { fromString(text: string): unknown };
  readonly AnalyticsGranularity: Readonly<Record<"Total" | "Monthly" | "Daily", number>>;
  readonly AnalyticsQueryEngine: new (
    store: unknown,
  ) => {
    execute(query: unknown): Promise<{ rows: { value: number; sum: number }[] }[]>;
  };
}

interface Browser {
  readonly BrowserAnalyticsStore: new (options: {
    pgLite: unknown;
  }) => { init(): Promise<void>; addSeriesValues(inputs: unknown[]): Promise<void> };
}

interface Pglite {
  readonly PGlite: {
    create(): Promise<{ exec(sql: string): Promise<void>; close(): Promise<void> }>;
  };
}
