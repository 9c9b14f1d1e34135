/** The whole server on a file, as users run it: killed and halted under load. */
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { caught } from "../support/caught.ts";
import { openClient } from "../support/clients.ts";
import { type RunningProcess, startProcess } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// Processes are started, on a machine that others may use too.
vi.setConfig({ testTimeout: 60_000 });

const clients = 16;
const lives = 2;

test("a server killed under load has every acknowledged Set when it is started again, and nothing that was not asked for", async () => {
  const url = `sqlite:${join(temporaryFolder(), "store.db")}`;
  const acknowledged = new Map<string, bigint>();
  const attempted = new Set<string>();
  let increments = 0;
  for (let life = 0; life < lives; life++) {
    await using running = await startProcess({ TIFFIN_STORE_URL: url });
    const { client, close } = openClient(KeyValueService, "grpc", running);
    const enough = (life + 1) * 100;
    const write = async (writer: number): Promise<void> => {
      for (let number = 0; ; number++) {
        const key = `${life}-${writer}-${number}`;
        attempted.add(key);
        const value = { kind: { case: "text", value: key } } as const;
        const { version } = await client.set({ namespace: `n${writer % 3}`, key, value });
        acknowledged.set(key, version);
        await client.increment({ namespace: "counters", key: "all" });
        increments++;
        if (acknowledged.size >= enough) running.child.kill("SIGKILL");
      }
    };
    const writers = Array.from({ length: clients }, (_, writer) => caught(write(writer)));
    for (const { code } of await Promise.all(writers)) expect(code).toBe(Code.Unavailable);
    close();
  }
  await using running = await startProcess({ TIFFIN_STORE_URL: url });
  const found = await everySet(running);
  for (const [key, version] of acknowledged) expect(found.get(key), key).toBe(version);
  expect([...found.keys()].filter((key) => !attempted.has(key))).toEqual([]);
  expect(new Set(found.values()).size).toBe(found.size);
  const counted = await readCounter(running, "all");
  expect(counted).toBeGreaterThanOrEqual(increments);
  expect(counted).toBeLessThanOrEqual(increments + lives * clients);
});

test("a server halted for a while is only late: passed deadlines are errors, and what was repeated is there once", async () => {
  const url = `sqlite:${join(temporaryFolder(), "store.db")}`;
  await using running = await startProcess({ TIFFIN_STORE_URL: url });
  const { client, close } = openClient(KeyValueService, "grpc", running);
  const increment = (requestId: string, timeoutMs?: number) =>
    client.increment(
      { namespace: "counters", key: "all", requestId },
      { ...(timeoutMs && { timeoutMs }) },
    );
  // Connected, and with a first write behind it.
  await increment("first");
  running.child.kill("SIGSTOP");
  const patient = Array.from({ length: clients }, (_, each) => increment(`patient-${each}`));
  const hasty = Array.from({ length: clients }, (_, each) =>
    caught(increment(`hasty-${each}`, 200)),
  );
  // It stays halted until those have heard that their time is over.
  for (const { code } of await Promise.all(hasty)) expect(code).toBe(Code.DeadlineExceeded);
  running.child.kill("SIGCONT");
  const answers = await Promise.all(patient);
  expect(new Set(answers.map(({ integer }) => integer)).size).toBe(clients);
  // Whether those had happened nobody knows; asked again under the same id, they have happened once.
  await Promise.all(Array.from({ length: clients }, (_, each) => increment(`hasty-${each}`)));
  expect(await readCounter(running, "all")).toBe(1 + 2 * clients);
  close();
});

/** Key and version of all that was set. */
async function everySet(running: RunningProcess): Promise<Map<string, bigint>> {
  const { client, close } = openClient(KeyValueService, "grpc", running);
  const found = new Map<string, bigint>();
  for (const namespace of ["n0", "n1", "n2"]) {
    for (let pageToken = ""; ; ) {
      const page = await client.list({ namespace, pageSize: 1000, pageToken });
      for (const { key, version } of page.entries) found.set(key, version);
      pageToken = page.nextPageToken;
      if (pageToken === "") break;
    }
  }
  close();
  return found;
}

async function readCounter(running: RunningProcess, key: string): Promise<number> {
  const { client, close } = openClient(KeyValueService, "grpc", running);
  const { entry } = await client.get({ namespace: "counters", key });
  close();
  return Number(entry?.value?.kind.value);
}
