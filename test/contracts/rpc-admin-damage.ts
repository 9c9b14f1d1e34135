import type { RpcUnderTest } from "./rpc-subject.ts";

export function describeDamagedExports(_subject: RpcUnderTest): void {}
