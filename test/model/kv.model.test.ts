import fc from "fast-check";
import { test } from "vitest";
import { openRpc } from "../contracts/rpc-subject.ts";
import { propertyParameters } from "../support/property.ts";
import { kvCommands, untilSwept } from "./kv-commands.ts";
import { KvModel } from "./kv-model.ts";

test("key-value does what the model does, whatever is done in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(kvCommands, async (commands) => {
      const rpc = await openRpc("grpc");
      try {
        await fc.asyncModelRun(
          () => ({ model: new KvModel(rpc.clock.now()), real: rpc }),
          commands,
        );
        await untilSwept(rpc);
      } finally {
        await rpc.close();
      }
    }),
    propertyParameters(25),
  );
}, 120_000);
