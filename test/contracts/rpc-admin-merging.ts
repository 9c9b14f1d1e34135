import type { RpcUnderTest } from "./rpc-subject.ts";

export function describeMerging(_subject: RpcUnderTest): void {}
