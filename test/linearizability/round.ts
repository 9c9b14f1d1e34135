import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { openClient } from "../support/clients.ts";
import { get, increment, set } from "./calls.ts";
import { openLink } from "./link.ts";
import { hastyMs, patientMs, type RecordedClient, Recorder } from "./recorder.ts";
import type { Server } from "./servers.ts";
import { StoreHistory } from "./store-history.ts";
import { WatchReference } from "./watch-reference.ts";
import { allKeys, counters, deltaOf, endKey, runPlan, type Step } from "./workload.ts";

export interface OpenClient extends RecordedClient, AsyncDisposable {}

/** A client with a link of its own to the server. */
export async function openRecordedClient(
  address: string,
  name: number,
  deadlineMs = patientMs,
): Promise<OpenClient> {
  const link = await openLink(address);
  const open = () => openClient(KeyValueService, "grpc", { grpc: link.address, http: "" });
  let current = open();
  return {
    name,
    link,
    deadlineMs,
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

interface RoundOptions {
  readonly server: Server;
  readonly planned: readonly Step[][];
  readonly recorder?: Recorder;
  /** How long the clients wait, all but the one nobody disturbs. */
  readonly deadlineMs?: number;
  /** What else is written meanwhile; told of what stands in the store's history so far. */
  readonly beside?: (history: StoreHistory) => Promise<void>;
}

/** What the clients were told, and what the store has of it. */
export interface Round {
  readonly recorder: Recorder;
  readonly reference: WatchReference;
}

/**
 * All clients at once through their plans; then every key is written and read once more by one nobody disturbs, which shows
 * what the last writes left, and that the server still takes them.
 */
export async function runRound({
  server,
  planned,
  recorder = new Recorder(),
  deadlineMs = hastyMs,
  beside = async () => undefined,
}: RoundOptions): Promise<Round> {
  await using clients = new AsyncDisposableStack();
  const history = clients.use(await StoreHistory.open(server.store));
  const { address } = server;
  const last = clients.use(await openRecordedClient(address, planned.length));
  const running = planned.map(async (plan, name) => {
    const client = clients.use(await openRecordedClient(address, name, deadlineMs));
    await runPlan(recorder, client, plan);
  });
  running.push(beside(history));
  try {
    await Promise.all(running);
    await writeLast(recorder, last);
    // What lands later was seen by nobody.
    await history.until(({ key }) => key === endKey);
  } finally {
    recorder.end();
    await Promise.allSettled(running);
  }
  return { recorder, reference: new WatchReference(history.events) };
}

async function writeLast(recorder: Recorder, last: RecordedClient): Promise<void> {
  for (const key of allKeys) await recorder.record(last, get(key));
  for (const [index, key] of allKeys.entries()) {
    const isCounter = counters.some((counter) => counter === key);
    const delta = deltaOf({ client: last.name, index });
    await recorder.record(last, isCounter ? increment(key, delta) : set(key, `last ${key}`));
  }
  for (const key of allKeys) await recorder.record(last, get(key));
  await recorder.record(last, set(endKey, `last ${endKey}`));
}
