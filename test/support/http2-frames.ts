import { once } from "node:events";
import { connect } from "node:net";

/** HTTP/2 frames by hand: a client library sends a call's headers, body and reset one after the other, never at once. */
const types = { data: 0x0, headers: 0x1, reset: 0x3, settings: 0x4, ping: 0x6 } as const;
const endHeaders = 0x4;
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export interface ResetCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Sends a call and its reset in one packet; answers when the server has seen both. */
export async function callAndReset(address: string, { headers, body }: ResetCall): Promise<void> {
  const [host, port] = address.split(":");
  const socket = connect(Number(port), host);
  const fields = { ":method": "POST", ":scheme": "http", ":authority": address, ...headers };
  const frames = [
    preface,
    frameOf(types.settings, 0, { stream: 0, payload: Buffer.alloc(0) }),
    frameOf(types.headers, endHeaders, { stream: 1, payload: headerBlock(fields) }),
    ...chunksOf(body).map((payload) => frameOf(types.data, 0, { stream: 1, payload })),
    frameOf(types.reset, 0, { stream: 1, payload: Buffer.from([0, 0, 0, 8]) }),
    frameOf(types.ping, 0, { stream: 0, payload: Buffer.alloc(8) }),
  ];
  socket.write(Buffer.concat(frames));
  await pingAnswered(socket);
  socket.destroy();
}

async function pingAnswered(socket: ReturnType<typeof connect>): Promise<void> {
  let received = Buffer.alloc(0);
  while (!hasPing(received)) {
    const [chunk] = await once(socket, "data");
    received = Buffer.concat([received, chunk as Buffer]);
  }
}

function hasPing(received: Buffer): boolean {
  for (let at = 0; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3)) {
    if (received[at + 3] === types.ping) return true;
  }
  return false;
}

function frameOf(
  type: number,
  flags: number,
  { stream, payload }: { readonly stream: number; readonly payload: Uint8Array },
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HPACK's plainest form: a literal without indexing, name and value as they are. */
const headerBlock = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [
      Buffer.from([0]),
      ...[name, value].flatMap((text) => [Buffer.from([text.length]), Buffer.from(text)]),
    ]),
  );

/** A frame takes 16 KiB, and a stream's window 64. */
function chunksOf(body: Uint8Array = new Uint8Array()): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += 16_384) chunks.push(body.subarray(at, at + 16_384));
  return chunks;
}
