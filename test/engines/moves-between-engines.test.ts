import { join } from "node:path";
import { openRpc, type RpcUnderTest } from "../contracts/rpc-subject.ts";
import { describeStoreMoves } from "../contracts/store-moves.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const memory: RpcUnderTest = { name: "memory", open: (options) => openRpc("grpc", options) };

let files = 0;
const sqlite: RpcUnderTest = {
  name: "sqlite",
  open: (options) => {
    const storeUrl = `sqlite:${join(temporaryFolder(), `${++files}.db`)}`;
    return openRpc("grpc", { ...options, storeUrl });
  },
};

describeStoreMoves(memory, sqlite);
describeStoreMoves(sqlite, memory);
