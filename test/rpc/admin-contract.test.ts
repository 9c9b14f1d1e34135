import { describeAdminContract } from "../contracts/rpc-admin-contract.ts";
import { openRpc } from "../contracts/rpc-subject.ts";

for (const name of ["grpc", "connect-json", "connect-binary"] as const) {
  describeAdminContract({ name, open: (options) => openRpc(name, options) });
}
