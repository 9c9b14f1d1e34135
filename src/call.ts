import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Call } from "./store/store.ts";

/** What a room needs to know of the call it serves. Both transports set it before the room runs. */
export interface RpcCall extends Call {
  /** The tenant's name as the header `tiffin-tenant` gave it, checked for its form only. */
  readonly tenant: string;
  /** What a message takes as JSON, which may be far more than encoded. Absent: the caller is not answered in JSON. */
  readonly jsonBytesOf?: <Desc extends DescMessage>(
    schema: Desc,
    message: MessageShape<Desc>,
  ) => number;
}

export const rpcCallKey = createContextKey<RpcCall>(
  { tenant: "default" },
  { description: "the call" },
);

export const rpcCallOf = (context: HandlerContext): RpcCall => context.values.get(rpcCallKey);
