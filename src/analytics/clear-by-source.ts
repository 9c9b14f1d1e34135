import type { HandlerContext } from "@connectrpc/connect";
import {
  type ClearBySourceRequest,
  ClearBySourceRequestSchema,
  type ClearBySourceResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { checkedPath } from "../analytics-store/path.ts";
import { rpcCallOf } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { tellReplay, toIdentifiedRequest } from "./identified-request.ts";
import { writeUnderTenant } from "./write-under-tenant.ts";

export async function clearBySource(
  room: AnalyticsRoom,
  request: ClearBySourceRequest,
  context: HandlerContext,
): Promise<ClearBySourceResponse> {
  const { clearEmptyDimensions } = request;
  // A path as it is stored has no segment that matches others.
  const source = checkedPath(request.source, "source");
  const deletion = {
    filter: { sources: { include: [source], exclude: [] } },
    clearEmptyDimensions,
    request: toIdentifiedRequest(ClearBySourceRequestSchema, request),
  };
  const deleted = await writeUnderTenant(room, rpcCallOf(context), (call) =>
    room.series.delete(call, deletion),
  );
  tellReplay(context, deleted);
  return {
    $typeName: "tiffin.analytics.v1.ClearBySourceResponse",
    series: BigInt(deleted.series),
    dimensions: BigInt(deleted.dimensions),
    revision: BigInt(deleted.revision),
  };
}
