import { BytesClient } from "../load/grpc-client.ts";
import { type ServerProcess, untilReady } from "../process/server-process.ts";
import type { KeyValueCalls } from "./key-value.ts";

/** A running server that keeps keys and values, spoken to by gRPC. */
export interface GrpcPeer {
  readonly name: string;
  readonly server: ServerProcess;
  readonly address: string;
  readonly calls: KeyValueCalls;
}

/** Waits until the peer answers a Set, and sees that a Get then answers what was set. */
export async function checkAnswers({ server, address, calls }: GrpcPeer): Promise<void> {
  await untilReady(server, async () => {
    using client = new BytesClient(address);
    calls.set.check(await client.call(calls.set.path, calls.set.request));
    calls.get.check(await client.call(calls.get.path, calls.get.request));
  });
}
