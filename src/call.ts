import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Call } from "./store/store.ts";

/** What a room needs to know of the call it serves. Both transports set it before the room runs. */
export interface RpcCall extends Call {
  /** The tenant's name as the header `tiffin-tenant` gave it, checked for its form only. */
  readonly tenant: string;
}

export const rpcCallKey = createContextKey<RpcCall>(
  { tenant: "default" },
  { description: "the call" },
);

export const rpcCallOf = (context: HandlerContext): RpcCall => context.values.get(rpcCallKey);
