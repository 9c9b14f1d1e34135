import type { RpcUnderTest } from "./rpc-subject.ts";

export function describeResuming(_subject: RpcUnderTest): void {}
