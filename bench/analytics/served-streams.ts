import { create } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  AnalyticsService,
  ImportSeriesRequestSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity, type SeriesQuery } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { toNewSeries } from "../../gen/typescript/lib/analytics-series.ts";
import type { NewSeries } from "../../src/analytics-store/series.ts";
import type { Tiffin } from "../peers/tiffin.ts";
import { cpuMicrosOf, memoryOf } from "../process/process-meter.ts";
import type { Table } from "../report/table.ts";
import { sampleBatches } from "./sample-series.ts";
import { toSeriesQuery } from "./series-query.ts";

/** Long streams in and out, and what the server's process takes meanwhile. */
export async function servedStreams(tiffin: Tiffin, values: number): Promise<Table> {
  const transport = createGrpcTransport({ baseUrl: `http://${tiffin.address}` });
  const client = createClient(AnalyticsService, transport);
  const rows = [
    await watched("ImportSeries", { tiffin, work: () => importAll(client, values) }),
    await watched("StreamQuery, hourly, 114 groups", { tiffin, work: () => queryAll(client) }),
    await watched("StreamSeries", { tiffin, work: () => listAll(client) }),
  ];
  const count = values.toLocaleString("en");
  return {
    title: "Long streams over gRPC, and the server's memory",
    note: `${count} values in memory. Rows: series, or a group in a period. Resident MiB of the server before, and the most while it runs; the client takes all as fast as it can.`,
    rows,
  };
}

async function watched(
  call: string,
  { tiffin, work }: { readonly tiffin: Tiffin; readonly work: () => Promise<number> },
): Promise<Table["rows"][number]> {
  const { pid } = tiffin.server;
  const before = memoryOf(pid).residentMiB;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(pid).residentMiB);
  }, sampleMs);
  const [begun, cpu] = [performance.now(), cpuMicrosOf(pid)];
  try {
    const rows = await work();
    const seconds = (performance.now() - begun) / 1000;
    return {
      call,
      rows,
      "rows a second": rows / seconds,
      "server's CPU us a row": (cpuMicrosOf(pid) - cpu) / rows,
      "MiB before": before,
      "most MiB": most,
    };
  } finally {
    clearInterval(timer);
  }
}

async function importAll(client: Client<typeof AnalyticsService>, values: number): Promise<number> {
  async function* messages() {
    for (const batch of sampleBatches(values)) {
      yield create(ImportSeriesRequestSchema, { series: batch.map(toMessage) });
    }
  }
  const { rows, refusal } = await client.importSeries(messages());
  if (refusal !== undefined) throw new Error(`refused: ${refusal.field} ${refusal.description}`);
  return Number(rows);
}

const toMessage = ({ start, dimensions = {}, ...series }: NewSeries) =>
  toNewSeries({
    ...series,
    start: new Date(start),
    dimensions,
    params: null,
    dimensionMetadata: null,
  });

/** 8,784 hours of 114 groups: a little more than a million rows. */
async function queryAll(client: Client<typeof AnalyticsService>): Promise<number> {
  const query: SeriesQuery = {
    ...toSeriesQuery({
      name: "hourly",
      granularity: "daily",
      select: [
        { dimension: "project", levels: 3 },
        { dimension: "region", levels: 1 },
      ],
    }),
    granularity: Granularity.HOURLY,
    top: 114,
  };
  let rows = 0;
  for await (const { groups } of client.streamQuery({ query })) {
    for (const { value } of groups) rows += value.length;
  }
  if (rows !== 114 * 8784) throw new Error(`${rows} rows were streamed`);
  return rows;
}

async function listAll(client: Client<typeof AnalyticsService>): Promise<number> {
  let rows = 0;
  for await (const { series } of client.streamSeries({})) rows += series.length;
  return rows;
}

const sampleMs = 10;
