import { describeRpcContract } from "../contracts/rpc-contract.ts";
import { openRpc } from "../contracts/rpc-subject.ts";

for (const name of ["grpc", "connect-json", "connect-binary"] as const) {
  describeRpcContract({ name, open: (options) => openRpc(name, options) });
}
