import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { failureOf } from "../contracts/rpc-messages.ts";
import { openClient } from "../support/clients.ts";
import { startApp } from "../support/start-app.ts";

test("what is configured reaches the rooms", async () => {
  await using running = await startApp({ TIFFIN_BATCH_KEYS_MAX: "2", TIFFIN_KEY_BYTES_MAX: "3" });
  const { client, close } = openClient(KeyValueService, "grpc", running.target);
  await client.batchGet({ keys: ["a", "b"] });
  expect(await failureOf(client.batchGet({ keys: ["a", "b", "c"] }))).toMatchObject({
    code: Code.ResourceExhausted,
    reason: "LIMIT_EXCEEDED",
  });
  expect(await failureOf(client.get({ key: "long" }))).toMatchObject({ reason: "KEY_TOO_LARGE" });
  close();
});
