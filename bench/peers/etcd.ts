import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { freePort } from "../process/free-port.ts";
import { ServerProcess } from "../process/server-process.ts";
import type { GrpcPeer } from "./grpc-peer.ts";
import { benchKey, benchValue, type KeyValueCalls } from "./key-value.ts";

/** A single etcd member, which writes its log to disk and waits for it: that is what it is for. */
export async function startEtcd(folder: string): Promise<GrpcPeer> {
  const [clients, peers] = [await freePort(), await freePort()];
  const [clientUrl, peerUrl] = [`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`];
  const server = new ServerProcess({
    name: "etcd",
    command: "etcd",
    arguments: [
      ...["--data-dir", await mkdtemp(join(folder, "etcd-")), "--log-level", "error"],
      ...["--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl],
      ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
      ...["--initial-cluster", `default=${peerUrl}`],
    ],
    folder,
  });
  return { name: server.name, server, address: `127.0.0.1:${clients}`, calls: etcdCalls };
}

/** etcdserverpb.PutRequest: both fields are of type bytes. */
export const putRequest = (key: string, value: Uint8Array): Uint8Array =>
  new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(key)
    .tag(2, WireType.LengthDelimited)
    .bytes(value)
    .finish();

/** The bytes in the fields named, from the outermost message inwards, repeated ones each. */
export function bytesAt(message: Uint8Array, path: readonly number[]): Uint8Array[] {
  const [field, ...rest] = path;
  if (field === undefined) return [message];
  const found: Uint8Array[] = [];
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === field && type === WireType.LengthDelimited) {
      found.push(...bytesAt(reader.bytes(), rest));
    } else {
      reader.skip(type, number);
    }
  }
  return found;
}

const etcdCalls: KeyValueCalls = {
  get: {
    path: "/etcdserverpb.KV/Range",
    request: new BinaryWriter().tag(1, WireType.LengthDelimited).string(benchKey).finish(),
    check(answer) {
      const [value] = bytesAt(answer, [2, 5]); // RangeResponse.kvs, KeyValue.value
      if (value === undefined || !benchValue.equals(value)) {
        throw new Error("Range did not answer the value that was put");
      }
    },
  },
  set: {
    path: "/etcdserverpb.KV/Put",
    request: putRequest(benchKey, benchValue),
    check(answer) {
      if (bytesAt(answer, [1]).length !== 1) throw new Error("Put answered no header");
    },
  },
};
