import type { HandlerContext } from "@connectrpc/connect";
import type {
  ListDimensionsRequest,
  ListDimensionsResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { DimensionEntry, DimensionKey } from "../analytics-store/analytics-store.ts";
import { checkedName } from "../analytics-store/checked-series.ts";
import { checkedPath } from "../analytics-store/path.ts";
import { rpcCallOf } from "../call.ts";
import { key } from "../store/key.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { answeredPage } from "./answered-page.ts";
import { toDimension } from "./to-dimension.ts";

export async function listDimensions(
  { tenants, series, limits }: AnalyticsRoom,
  request: ListDimensionsRequest,
  context: HandlerContext,
): Promise<ListDimensionsResponse> {
  const call = rpcCallOf(context);
  const dimension = request.name === "" ? undefined : checkedName(request.name, "name");
  const path = request.path === "" ? undefined : checkedPath(request.path, "path");
  await tenants.read(call, () => []);
  const { items, nextPageToken } = await answeredPage<DimensionEntry>({
    asked: request,
    query: key("analytics.ListDimensions", call.tenant, dimension ?? "", path ?? ""),
    limits,
    fetch: (after, limit) =>
      series.dimensions(call, { dimension, path, after: fromPosition(after), limit }),
    positionOf: toPosition,
    bytesOf: (entry) => entryBytes + Buffer.byteLength(Object.values(entry).join()),
  });
  return {
    $typeName: "tiffin.analytics.v1.ListDimensionsResponse",
    dimensions: items.map(toDimension),
    nextPageToken,
  };
}

const toPosition = ({ dimension, path }: DimensionKey): string => JSON.stringify([dimension, path]);

function fromPosition(position: string | undefined): DimensionKey | undefined {
  if (position === undefined) return undefined;
  const [dimension, path] = JSON.parse(position) as [string, string];
  return { dimension, path };
}

/** What the fields of one take beside their texts. */
const entryBytes = 32;
