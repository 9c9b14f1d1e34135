import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { openClient } from "../support/clients.ts";
import { get, increment, set } from "./calls.ts";
import { openLink } from "./link.ts";
import { type RecordedClient, Recorder } from "./recorder.ts";
import { allKeys, counters, runPlan, type Step } from "./workload.ts";

export interface OpenClient extends RecordedClient, AsyncDisposable {}

/** A client with a link of its own to the server. */
export async function openRecordedClient(address: string, name: number): Promise<OpenClient> {
  const link = await openLink(address);
  const open = () => openClient(KeyValueService, "grpc", { grpc: link.address, http: "" });
  let current = open();
  return {
    name,
    link,
    get kv() {
      return current.client;
    },
    renew() {
      current.close();
      current = open();
    },
    async [Symbol.asyncDispose]() {
      current.close();
      await link[Symbol.asyncDispose]();
    },
  };
}

/**
 * All clients at once through their plans; then every key is written and read once more by one nobody disturbs, which shows
 * what the last writes left, and that the server still takes them.
 */
export async function runRound(
  address: string,
  planned: readonly Step[][],
  recorder = new Recorder(),
): Promise<Recorder> {
  await using clients = new AsyncDisposableStack();
  const open = async (name: number): Promise<RecordedClient> =>
    clients.use(await openRecordedClient(address, name));
  const last = await open(planned.length);
  const running = planned.map(async (plan, name) => runPlan(recorder, await open(name), plan));
  try {
    await Promise.all(running);
    for (const key of allKeys) await recorder.record(last, get(key));
    for (const key of allKeys) await recorder.record(last, lastWrite(key));
    for (const key of allKeys) await recorder.record(last, get(key));
  } finally {
    recorder.end();
    await Promise.allSettled(running);
  }
  return recorder;
}

const lastWrite = (key: string) =>
  counters.some((counter) => counter === key) ? increment(key, 1) : set(key, `last ${key}`);
