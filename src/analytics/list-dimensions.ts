import type { HandlerContext } from "@connectrpc/connect";
import type {
  ListDimensionsRequest,
  ListDimensionsResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { Dimension } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { DimensionKey } from "../analytics-store/analytics-store.ts";
import { checkedName } from "../analytics-store/checked-series.ts";
import { checkedPath } from "../analytics-store/path.ts";
import { rpcCallOf } from "../call.ts";
import { key } from "../store/key.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessageOrJson, bytesOfDimension } from "./answer-bytes.ts";
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
  const { items, nextPageToken } = await answeredPage<Dimension>({
    asked: request,
    query: key("analytics.ListDimensions", call.tenant, dimension ?? "", path ?? ""),
    limits,
    fetch: async (position, limit) => {
      const after = fromPosition(position);
      return (await series.dimensions(call, { dimension, path, after, limit })).map(toDimension);
    },
    positionOf: toPosition,
    bytesOf: (one) => bytesOfDimension(one, asMessageOrJson),
  });
  return {
    $typeName: "tiffin.analytics.v1.ListDimensionsResponse",
    dimensions: items,
    nextPageToken,
  };
}

/** No name has a NUL in it. A token has room for the longest two as they are, and none for what JSON makes of them. */
const toPosition = ({ name, path }: Dimension): string => `${name}\0${path}`;

function fromPosition(position: string | undefined): DimensionKey | undefined {
  if (position === undefined) return undefined;
  const [dimension = "", path = ""] = position.split("\0");
  return { dimension, path };
}
