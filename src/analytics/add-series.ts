import type { HandlerContext } from "@connectrpc/connect";
import {
  type AddSeriesRequest,
  AddSeriesRequestSchema,
  type AddSeriesResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toIdentifiedRequest } from "./identified-request.ts";
import { toNewSeries } from "./new-series.ts";
import { writeIdentified } from "./write-identified.ts";

export async function addSeries(
  room: AnalyticsRoom,
  request: AddSeriesRequest,
  context: HandlerContext,
): Promise<AddSeriesResponse> {
  const batch = {
    series: toNewSeries(request.series, room.limits),
    request: toIdentifiedRequest(AddSeriesRequestSchema, request),
  };
  const added = await writeIdentified(room, context, (call) => room.series.add(call, batch));
  return {
    $typeName: "tiffin.analytics.v1.AddSeriesResponse",
    firstId: BigInt(added.firstId),
    count: BigInt(added.count),
    revision: BigInt(added.revision),
  };
}
