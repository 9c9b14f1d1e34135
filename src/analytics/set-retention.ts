import type { HandlerContext } from "@connectrpc/connect";
import type {
  SetRetentionRequest,
  SetRetentionResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toRetentionRule } from "./retention-rules.ts";
import { writeUnderTenant } from "./write-under-tenant.ts";

/** Sets the rules and applies them at once; from then on the sweeper does. */
export async function setRetention(
  room: AnalyticsRoom,
  request: SetRetentionRequest,
  context: HandlerContext,
): Promise<SetRetentionResponse> {
  const rules = request.rules.map((rule, index) => toRetentionRule(rule, `rules[${index}]`));
  const { deleted, rollups } = await writeUnderTenant(room, rpcCallOf(context), async (call) => {
    await room.series.setRetention(call, rules);
    return room.series.applyRetention(call, Math.floor(room.clock.now()));
  });
  return {
    $typeName: "tiffin.analytics.v1.SetRetentionResponse",
    deleted: BigInt(deleted),
    rollups: BigInt(rollups),
  };
}
