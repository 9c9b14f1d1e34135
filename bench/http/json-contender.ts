import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jsonHeaders, runH2load } from "../load/h2load.ts";
import type { Contender, Heat } from "../load/race.ts";
import { benchKey, benchValue, contractCalls } from "../peers/key-value.ts";
import type { HttpPeer } from "../peers/node-http.ts";
import { untilReady } from "../process/server-process.ts";

const bodies = {
  get: JSON.stringify({ key: benchKey }),
  set: JSON.stringify({ key: benchKey, value: { text: benchValue.toString() } }),
};

/** Calls the peer with h2load, in JSON over HTTP/1.1. What fails has another status than 200, which h2load sees. */
export async function jsonContender(peer: HttpPeer, folder: string): Promise<Contender> {
  await checkAnswers(peer);
  const files = { get: join(folder, "get.json"), set: join(folder, "set.json") };
  await writeFile(files.get, bodies.get);
  await writeFile(files.set, bodies.set);
  return {
    name: peer.name,
    pid: peer.server.pid,
    check: () => checkAnswers(peer),
    async run({ method, shape }: Heat, calls: number): Promise<number> {
      const { callsPerSecond } = await runH2load({
        ...{ url: urlOf(peer, method), bodyFile: files[method], headers: jsonHeaders },
        ...{ protocol: "http/1.1", ...shape, calls },
      });
      return callsPerSecond;
    },
  };
}

const urlOf = ({ address }: HttpPeer, method: Heat["method"]): string =>
  `http://${address}${contractCalls[method].path}`;

async function checkAnswers(peer: HttpPeer): Promise<void> {
  await untilReady(peer.server, async () => {
    await call(peer, "set");
    const answer = (await call(peer, "get")) as { entry?: { value?: { text?: string } } };
    if (answer.entry?.value?.text !== benchValue.toString()) {
      throw new Error("Get did not answer the value that was set");
    }
  });
}

async function call(peer: HttpPeer, method: Heat["method"]): Promise<unknown> {
  const response = await fetch(urlOf(peer, method), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: bodies[method],
  });
  if (!response.ok) throw new Error(`${method} was answered ${response.status}`);
  return response.json();
}
