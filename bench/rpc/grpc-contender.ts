import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { frame, frameHeadBytes } from "../load/frame.ts";
import { BytesClient } from "../load/grpc-client.ts";
import { grpcHeaders, runH2load } from "../load/h2load.ts";
import type { Contender, Heat } from "../load/race.ts";
import { checkAnswers, type GrpcPeer } from "../peers/grpc-peer.ts";

/** Calls the peer with h2load, in gRPC. */
export async function grpcContender(peer: GrpcPeer, folder: string): Promise<Contender> {
  await checkAnswers(peer);
  const bodies = {
    get: await writeBody(join(folder, `${peer.server.pid}-get.bin`), peer.calls.get.request),
    set: await writeBody(join(folder, `${peer.server.pid}-set.bin`), peer.calls.set.request),
  };
  return {
    name: peer.name,
    pid: peer.server.pid,
    check: () => checkAnswers(peer),
    async run({ method, shape }: Heat, calls: number): Promise<number> {
      const { path } = peer.calls[method];
      const expected = await answerBytes(peer, method);
      const { callsPerSecond, bytesPerAnswer } = await runH2load({
        ...{ url: `http://${peer.address}${path}`, bodyFile: bodies[method], headers: grpcHeaders },
        ...{ protocol: "http/2", ...shape, calls },
      });
      assertAnswered(peer.name, bytesPerAnswer, expected);
      return callsPerSecond;
    },
  };
}

async function writeBody(file: string, request: Uint8Array): Promise<string> {
  await writeFile(file, frame(request));
  return file;
}

async function answerBytes({ address, calls }: GrpcPeer, method: Heat["method"]): Promise<number> {
  using client = new BytesClient(address);
  const { path, request } = calls[method];
  return frameHeadBytes + (await client.call(path, request)).length;
}

/**
 * h2load takes every HTTP 200 for a success and looks at no grpc-status. But a call that failed has no message,
 * so that answers of the right size on average were answers. A number in them may grow by a byte meanwhile.
 */
function assertAnswered(name: string, bytes: number, expected: number): void {
  if (Math.abs(bytes - expected) <= bytesOfGrowth) return;
  throw new Error(`${name} answered ${bytes} bytes a call where ${expected} were expected`);
}

const bytesOfGrowth = 4;
