import { describeAnalyticsRpcContract } from "../contracts/rpc-analytics-contract.ts";
import { openRpc } from "../contracts/rpc-subject.ts";

for (const name of ["grpc", "connect-json", "connect-binary"] as const) {
  describeAnalyticsRpcContract({ name, open: (options) => openRpc(name, options) });
}
