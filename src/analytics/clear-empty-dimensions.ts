import type { HandlerContext } from "@connectrpc/connect";
import type { ClearEmptyDimensionsResponse } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { writeUnderTenant } from "./write-under-tenant.ts";

export async function clearEmptyDimensions(
  room: AnalyticsRoom,
  context: HandlerContext,
): Promise<ClearEmptyDimensionsResponse> {
  const dimensions = await writeUnderTenant(room, rpcCallOf(context), (call) =>
    room.series.clearEmptyDimensions(call),
  );
  return {
    $typeName: "tiffin.analytics.v1.ClearEmptyDimensionsResponse",
    dimensions: BigInt(dimensions),
  };
}
