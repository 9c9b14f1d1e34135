import type { HandlerContext } from "@connectrpc/connect";
import {
  type ClearBySourceRequest,
  ClearBySourceRequestSchema,
  type ClearBySourceResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { checkedPath } from "../analytics-store/path.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toIdentifiedRequest } from "./identified-request.ts";
import { writeIdentified } from "./write-identified.ts";

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
  const deleted = await writeIdentified(room, context, (call) =>
    room.series.delete(call, deletion),
  );
  return {
    $typeName: "tiffin.analytics.v1.ClearBySourceResponse",
    series: BigInt(deleted.series),
    dimensions: BigInt(deleted.dimensions),
    revision: BigInt(deleted.revision),
  };
}
