import { describeSessionContract } from "../contracts/rpc-session-contract.ts";
import { openRpc } from "../contracts/rpc-subject.ts";

for (const name of ["grpc", "connect-json", "connect-binary"] as const) {
  describeSessionContract({ name, open: (options) => openRpc(name, options) });
}
