import { describeAnalyticsQueryContract } from "../contracts/rpc-analytics-query-contract.ts";
import { openRpc } from "../contracts/rpc-subject.ts";

for (const name of ["grpc", "connect-json", "connect-binary"] as const) {
  describeAnalyticsQueryContract({ name, open: (options) => openRpc(name, options) });
}
