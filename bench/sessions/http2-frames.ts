/** Frames of HTTP/2 (RFC 9113) with heads in HPACK (RFC 7541), as far as calls of gRPC need them. */

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

export const frameTypes = {
  ...{ data: 0, headers: 1, settings: 4, ping: 6, windowUpdate: 8 },
} as const;
export const endStream = 1;
export const acknowledged = 1;
export const initialWindow = 65_535;

/** The frame there; undefined: not all of it has come. */
export function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if (bytes.length < at + headBytes) return undefined;
  const end = at + headBytes + bytes.readUIntBE(at, 3);
  if (bytes.length < end) return undefined;
  return {
    type: bytes[at + 3] as number,
    flags: bytes[at + 4] as number,
    stream: bytes.readUInt32BE(at + 5),
    payload: bytes.subarray(at + headBytes, end),
    end,
  };
}

export const headers = (stream: number, block: Buffer): Buffer =>
  toFrame({ type: frameTypes.headers, flags: endHeaders, stream }, block);

export const lastData = (stream: number, payload: Buffer): Buffer =>
  toFrame({ type: frameTypes.data, flags: endStream, stream }, payload);

export const pong = (payload: Buffer): Buffer =>
  toFrame({ type: frameTypes.ping, flags: acknowledged, stream: 0 }, payload);

/**
 * The heads of a connection's calls: the first tells the server's table what the later ones then name in a byte each, as
 * clients do.
 */
export function requestHeads(path: string): { first: Buffer; later: Buffer } {
  const [post, http] = [0x83, 0x86]; // :method and :scheme, of the static table
  const first = Buffer.concat([
    Buffer.from([post, http]),
    remembered(staticNames.path, path),
    remembered(staticNames.authority, "localhost"),
    remembered(staticNames.contentType, "application/grpc"),
    remembered("te", "trailers"),
  ]);
  // What was remembered last is 62, the one before 63.
  return { first, later: Buffer.from([post, http, ...[65, 64, 63, 62].map((at) => 0x80 | at)]) };
}

function remembered(name: number | string, value: string): Buffer {
  const head =
    typeof name === "number" ? [Buffer.from([0x40 | name])] : [Buffer.of(0x40), text(name)];
  return Buffer.concat([...head, text(value)]);
}

function text(value: string): Buffer {
  if (value.length > 126) throw new Error("a length of more than one byte");
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, "latin1")]);
}

function toFrame(
  { type, flags, stream }: Pick<Frame, "type" | "flags" | "stream">,
  payload: Buffer,
): Buffer {
  const whole = Buffer.allocUnsafe(headBytes + payload.length);
  whole.writeUIntBE(payload.length, 0, 3);
  whole[3] = type;
  whole[4] = flags;
  whole.writeUInt32BE(stream, 5);
  payload.copy(whole, headBytes);
  return whole;
}

const headBytes = 9;
const endHeaders = 4;
const staticNames = { authority: 1, path: 4, contentType: 31 } as const;

const windowGrant = Buffer.alloc(4);
// All that a connection may ever be granted: none lives long enough to be sent as much.
windowGrant.writeUInt32BE(2 ** 31 - 1 - initialWindow);

export const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  toFrame({ type: frameTypes.settings, flags: 0, stream: 0 }, Buffer.alloc(0)),
  toFrame({ type: frameTypes.windowUpdate, flags: 0, stream: 0 }, windowGrant),
]);

export const settingsTaken = toFrame(
  { type: frameTypes.settings, flags: acknowledged, stream: 0 },
  Buffer.alloc(0),
);
