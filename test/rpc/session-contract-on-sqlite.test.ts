import { join } from "node:path";
import { describeSessionContract } from "../contracts/rpc-session-contract.ts";
import { openRpc } from "../contracts/rpc-subject.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describeSessionContract({
  name: "grpc, on SQLite",
  open: (options) =>
    openRpc("grpc", { storeUrl: `sqlite:${join(temporaryFolder(), "store.db")}`, ...options }),
});
