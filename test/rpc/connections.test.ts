import { once } from "node:events";
import { connect } from "node:http2";
import { expect, test } from "vitest";
import { startServing } from "../support/start-serving.ts";

test.each(["TIFFIN_GRPC_CONNECTION_IDLE_MAX", "TIFFIN_GRPC_CONNECTION_AGE_MAX"])(
  "a connection is closed after %s",
  async (name) => {
    await using running = await startServing({ [name]: "50ms" });
    const session = connect(`http://${running.target.grpc}`);
    const [code] = await once(session, "goaway");
    expect(code).toBe(0);
    session.destroy();
  },
);
