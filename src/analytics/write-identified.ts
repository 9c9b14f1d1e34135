import type { HandlerContext } from "@connectrpc/connect";
import { type RpcCall, rpcCallOf } from "../call.ts";
import { replayedHeader } from "../identified-write.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { writeUnderTenant } from "./write-under-tenant.ts";

/** Runs a write that may have a request id, and tells its caller when the answer is that of an earlier call. */
export async function writeIdentified<T extends { readonly replayed: boolean }>(
  room: AnalyticsRoom,
  context: HandlerContext,
  write: (call: RpcCall) => Promise<T>,
): Promise<T> {
  const answer = await writeUnderTenant(room, rpcCallOf(context), write);
  if (answer.replayed) context.responseHeader.set(replayedHeader, "true");
  return answer;
}
