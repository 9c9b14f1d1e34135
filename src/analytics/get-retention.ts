import type { HandlerContext } from "@connectrpc/connect";
import type { GetRetentionResponse } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toRuleMessage } from "./retention-rules.ts";

export async function getRetention(
  { tenants, series }: AnalyticsRoom,
  context: HandlerContext,
): Promise<GetRetentionResponse> {
  const call = rpcCallOf(context);
  await tenants.read(call, () => []);
  const rules = await series.retention(call);
  return {
    $typeName: "tiffin.analytics.v1.GetRetentionResponse",
    rules: rules.map(toRuleMessage),
  };
}
