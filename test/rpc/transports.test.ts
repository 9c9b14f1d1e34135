import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { TiffinError } from "../../src/errors.ts";
import { openClient, transportNames } from "../support/clients.ts";
import { startServing } from "../support/start-serving.ts";

describe.each(transportNames)("over %s", (name) => {
  test("a unary call is answered", async () => {
    await using running = await startServing();
    const { client, close } = openClient(KeyValueService, name, running.target);
    await client.set({ key: "a", value: { kind: { case: "text", value: "one" } } });
    const { entry } = await client.get({ key: "a" });
    expect(entry?.value?.kind).toEqual({ case: "text", value: "one" });
    close();
  });

  test("an error carries its code, reason and metadata", async () => {
    await using running = await startServing();
    running.room.behave("a", () => {
      throw new TiffinError("precondition_failed", "expected 1, is 2", {
        metadata: { expected: "1", actual: "2" },
      });
    });
    const { client, close } = openClient(KeyValueService, name, running.target);
    const error = ConnectError.from(await client.get({ key: "a" }).catch((e) => e));
    expect(error.code).toBe(Code.Aborted);
    expect(error.rawMessage).toBe("expected 1, is 2");
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: "PRECONDITION_FAILED", domain: "tiffin", metadata: { expected: "1", actual: "2" } },
    ]);
    close();
  });

  test("a server stream is answered in full", async () => {
    await using running = await startServing();
    const { client, close } = openClient(KeyValueService, name, running.target);
    for (const key of ["a", "b", "c"]) {
      await client.set({ key, value: { kind: { case: "integer", value: 1n } } });
    }
    const keys: (string | undefined)[] = [];
    for await (const { entries } of client.scan({})) keys.push(entries[0]?.key);
    expect(keys).toEqual(["a", "b", "c"]);
    expect(running.room.scansClosed).toBe(1);
    close();
  });
});
