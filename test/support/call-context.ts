import type { DescMethod } from "@bufbuild/protobuf";
import {
  createContextValues,
  createHandlerContext,
  type HandlerContext,
} from "@connectrpc/connect";
import { type RpcCall, rpcCallKey } from "../../src/call.ts";

/** What a method of a room is called with where no transport is before it. */
export const callContext = (
  method: DescMethod,
  call: RpcCall = { tenant: "default" },
): HandlerContext =>
  createHandlerContext({
    service: method.parent,
    method,
    protocolName: "test",
    requestMethod: "POST",
    url: "http://test",
    contextValues: createContextValues().set(rpcCallKey, call),
  });
