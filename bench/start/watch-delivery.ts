import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { SetRequestSchema } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { EventType, WatchRequestSchema, WatchResponseSchema } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { BytesClient } from "../load/grpc-client.ts";
import { bytesAt, putRequest } from "../peers/etcd.ts";
import type { GrpcPeer } from "../peers/grpc-peer.ts";
import { benchValue } from "../peers/key-value.ts";
import { sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";
import { pace } from "./pace.ts";
import { percentilesOf } from "./percentiles.ts";

/** How a peer is watched, and what a watcher's message says. */
export interface Watchable {
  readonly peer: GrpcPeer;
  readonly setPath: string;
  set(key: string, value: Uint8Array): Uint8Array;
  /** Starts a watch of all keys that begin with the prefix. */
  watch(client: BytesClient, prefix: string): NodeJS.ReadableStream & { cancel(): void };
  /** The values put, in order. */
  valuesOf(message: Buffer): Uint8Array[];
}

/** From sending a write to having its event, the write's own way in included. */
export async function watchDelivery(watched: readonly Watchable[], rounds: number): Promise<Table> {
  const runs = new Map<Watchable, { p50: number; p99: number }[]>();
  for (const watchable of watched) runs.set(watchable, []);
  for (let round = 0; round < Math.min(3, rounds); round++) {
    for (const watchable of watched) runs.get(watchable)?.push(await deliver(watchable));
  }
  const rows = [...runs].map(([{ peer }, delivered]) => ({
    server: peer.name,
    "p50 ms": sample(delivered.map(({ p50 }) => p50)),
    "p99 ms": sample(delivered.map(({ p99 }) => p99)),
  }));
  const note = `${writesPerSecond} writes a second to keys in turn, one watcher of them all; from sending the write to having the event, writer and watcher one Node process.`;
  return { title: "Watch delivery", note, rows };
}

async function deliver(watchable: Watchable): Promise<{ p50: number; p99: number }> {
  using client = new BytesClient(watchable.peer.address);
  const total = writesPerSecond * seconds;
  const sent = new Float64Array(total);
  const times: number[] = [];
  const stream = watchable.watch(client, prefix);
  const everything = new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("data", (message: Buffer) => {
      const now = performance.now();
      for (const value of watchable.valuesOf(message)) {
        const index = Buffer.from(value).readUInt32BE();
        const sentAt = sent[index] ?? 0;
        // The order is the server's affair: writes are under way at the same time. But each has one event.
        if (sentAt === 0) reject(new Error(`an event of write ${index} came twice or unasked`));
        sent[index] = 0;
        times.push(now - sentAt);
        if (times.length === total) resolve();
      }
    });
  });
  everything.catch(() => undefined); // awaited below, after the writes
  await new Promise((resolve) => stream.once("data", resolve)); // both say at once that they watch
  const writes: Promise<unknown>[] = [];
  await pace({ perSecond: writesPerSecond, seconds }, (index) => {
    const value = Buffer.from(benchValue);
    value.writeUInt32BE(index);
    const request = watchable.set(`${prefix}${index % keys}`, value);
    sent[index] = performance.now();
    writes.push(client.call(watchable.setPath, request));
  });
  await Promise.all(writes);
  await everything;
  stream.removeAllListeners("error").on("error", () => undefined); // cancelled is what it is to be
  stream.cancel();
  return percentilesOf(times.slice(writesPerSecond)); // not the first second, in which code is compiled
}

export function watchableTiffin(peer: GrpcPeer): Watchable {
  return {
    peer,
    setPath: peer.calls.set.path,
    set: (key, value) =>
      toBinary(
        SetRequestSchema,
        create(SetRequestSchema, { key, value: { kind: { case: "bytes", value } } }),
      ),
    watch: (client, prefix) =>
      client.stream(
        "/tiffin.kv.v1.KeyValueService/Watch",
        toBinary(
          WatchRequestSchema,
          create(WatchRequestSchema, { selector: { case: "prefix", value: prefix } }),
        ),
      ),
    valuesOf: (message) =>
      fromBinary(WatchResponseSchema, message).events.flatMap(({ type, entry }) => {
        const kind = entry?.value?.kind;
        return type === EventType.PUT && kind?.case === "bytes" ? [kind.value] : [];
      }),
  };
}

export function watchableEtcd(peer: GrpcPeer): Watchable {
  return {
    peer,
    setPath: peer.calls.set.path,
    set: putRequest,
    watch(client, prefix) {
      const end =
        prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
      const stream = client.duplex("/etcdserverpb.Watch/Watch");
      // WatchRequest.create_request of the same shape as a put: a key and the end of the range.
      const range = putRequest(prefix, Buffer.from(end));
      stream.write(new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(range).finish());
      return stream;
    },
    valuesOf: (message) => bytesAt(message, [11, 2, 5]), // WatchResponse.events, Event.kv, KeyValue.value
  };
}

const prefix = "watched/";
const writesPerSecond = 1_000;
const seconds = 6;
const keys = 1_000;
