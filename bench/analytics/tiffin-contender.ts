/** Tiffin's analytics room over the engine that a URL names, in process, without a transport: `tiffin-contender.ts URL`, asked by its parent. */
import { create } from "@bufbuild/protobuf";
import { QueryRequestSchema } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { NewSeries } from "../../src/analytics-store/series.ts";
import { openBenchAnalytics } from "./bench-analytics.ts";
import type { Contender } from "./contender.ts";
import { digestOf } from "./questions.ts";
import { toSeriesQuery } from "./series-query.ts";
import { serveContender } from "./serve-contender.ts";

const [url = "memory:"] = process.argv.slice(2);
serveContender(() => openTiffin(url));

async function openTiffin(analyticsUrl: string): Promise<Contender> {
  const analytics = await openBenchAnalytics(analyticsUrl);
  const { series } = analytics;
  const ownMemory = analyticsUrl.startsWith("memory:");
  return {
    name: `Tiffin, ${names[analyticsUrl.slice(0, analyticsUrl.indexOf(":"))]}`,
    prepare: (batch) => batch,
    async add(batch) {
      await series.add({ tenant: "default" }, { series: batch as NewSeries[] });
    },
    async ask(question) {
      const request = create(QueryRequestSchema, { query: toSeriesQuery(question) });
      return digestOf((await analytics.query(request)).groups);
    },
    ...(!ownMemory && { storedBytes: async () => (await series.stats()).bytes }),
    close: () => analytics.close(),
  };
}

const names: Readonly<Record<string, string>> = {
  memory: "in memory",
  pglite: "PGlite",
  postgres: "PostgreSQL",
};
