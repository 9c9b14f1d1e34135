import type { Client } from "@connectrpc/connect";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Boundary } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { type AnalyticsQuery, toSeriesQuery } from "../../gen/typescript/lib/analytics-query.ts";
import { type AnalyticsSeries, toNewSeries } from "../../gen/typescript/lib/analytics-series.ts";
import { type GroupedPeriod, groupedPeriods } from "../../gen/typescript/lib/grouped-periods.ts";
import { openClient } from "../support/clients.ts";
import { startApp } from "../support/start-app.ts";

/** A server, talked to in the words of Powerhouse's analytics engine. */
export interface AnalyticsSubject {
  readonly client: Client<typeof AnalyticsService>;
  add(series: readonly AnalyticsSeries[]): Promise<void>;
  /** As that engine counts: left open. */
  ask(query: AnalyticsQuery): Promise<GroupedPeriod[]>;
  askRightOpen(query: AnalyticsQuery): Promise<GroupedPeriod[]>;
  stop(): Promise<void>;
}

export async function openAnalyticsSubject(): Promise<AnalyticsSubject> {
  const server = await startApp();
  const { client, close } = openClient(AnalyticsService, "grpc", server.target);
  return {
    client,
    async add(series) {
      await client.addSeries({ series: series.map(toNewSeries) });
    },
    async ask(query) {
      return [...groupedPeriods(await client.query({ query: toSeriesQuery(query) }))];
    },
    async askRightOpen(query) {
      const asked = { ...toSeriesQuery(query), boundary: Boundary.RIGHT_OPEN };
      return [...groupedPeriods(await client.query({ query: asked }))];
    },
    async stop() {
      close();
      await server[Symbol.asyncDispose]();
    },
  };
}
