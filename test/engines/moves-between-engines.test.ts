import { join } from "node:path";
import { expect, test } from "vitest";
import { everything, exported, fill, imported } from "../contracts/rpc-admin-parts.ts";
import { failureOf } from "../contracts/rpc-messages.ts";
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

test("an import that a restart cut goes on where it was", async () => {
  const source = await memory.open({ adminLimits: { messageBytesMax: 800 } });
  await fill(source, "default", 300);
  const parts = await exported(source);
  const storeUrl = `sqlite:${join(temporaryFolder(), "restarted.db")}`;
  const open = () => openRpc("grpc", { clock: source.clock, storeUrl });
  const before = await open();
  await failureOf(imported(before, parts.slice(0, 4)));
  await before.close();
  const after = await open();
  expect(await everything(after)).toEqual({});
  expect(await imported(after, parts)).toMatchObject({ resumedChunks: 3n });
  expect(await everything(after)).toEqual(await everything(source));
  expect(await after.admin.check({})).toMatchObject({ ok: true, problems: [] });
  await after.close();
  await source.close();
});
