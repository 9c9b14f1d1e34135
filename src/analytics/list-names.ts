import type { HandlerContext } from "@connectrpc/connect";
import type {
  ListMetricsRequest,
  ListMetricsResponse,
  ListSourcesRequest,
  ListSourcesResponse,
  ListUnitsRequest,
  ListUnitsResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { NamePage } from "../analytics-store/analytics-store.ts";
import { checkedPath } from "../analytics-store/path.ts";
import { rpcCallOf } from "../call.ts";
import { key } from "../store/key.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessageOrJson } from "./answer-bytes.ts";
import { answeredPage } from "./answered-page.ts";

export async function listMetrics(
  room: AnalyticsRoom,
  request: ListMetricsRequest,
  context: HandlerContext,
): Promise<ListMetricsResponse> {
  const { items, nextPageToken } = await namesPage(room, context, { ...request, of: "metric" });
  return {
    $typeName: "tiffin.analytics.v1.ListMetricsResponse",
    metrics: items,
    nextPageToken,
  };
}

export async function listUnits(
  room: AnalyticsRoom,
  request: ListUnitsRequest,
  context: HandlerContext,
): Promise<ListUnitsResponse> {
  const { items, nextPageToken } = await namesPage(room, context, { ...request, of: "unit" });
  return { $typeName: "tiffin.analytics.v1.ListUnitsResponse", units: items, nextPageToken };
}

export async function listSources(
  room: AnalyticsRoom,
  request: ListSourcesRequest,
  context: HandlerContext,
): Promise<ListSourcesResponse> {
  const path = request.source === "" ? undefined : checkedPath(request.source, "source");
  const asked = { ...request, of: "source", path } as const;
  const { items, nextPageToken } = await namesPage(room, context, asked);
  return {
    $typeName: "tiffin.analytics.v1.ListSourcesResponse",
    sources: items,
    nextPageToken,
  };
}

interface AskedNames extends Pick<NamePage, "of" | "path"> {
  readonly pageSize: number;
  readonly pageToken: string;
}

async function namesPage(
  { tenants, series, limits }: AnalyticsRoom,
  context: HandlerContext,
  asked: AskedNames,
): Promise<{ readonly items: string[]; readonly nextPageToken: string }> {
  const call = rpcCallOf(context);
  const { of, path } = asked;
  await tenants.read(call, () => []);
  return answeredPage<string>({
    asked,
    query: key("analytics.names", call.tenant, of, path ?? ""),
    limits,
    fetch: (after, limit) => series.names(call, { of, path, after, limit }),
    positionOf: (name) => name,
    bytesOf: (name) => nameBytes + asMessageOrJson.textBytesOf(name),
  });
}

/** What each takes beside its text. */
const nameBytes = 4;
