import { fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type Value, ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { invalidField, valueTooLarge } from "../errors.ts";
import { type ByteString, fromByteString, toByteString } from "../store/byte-string.ts";
import { writeJson } from "./json-value.ts";

/**
 * A value as it is stored: tiffin.kv.v1.Value encoded, in one form for all that are equal, so that comparing values
 * is comparing strings. Written and read by hand but for json: docs/performance.md.
 */
export function encodeValue(value: Value | undefined, field: string, bytesMax: number): ByteString {
  const kind = value?.kind ?? { case: undefined };
  switch (kind.case) {
    case "bytes":
      checkSize(sizeWithHead(kind.value.length), field, bytesMax);
      return encodeBytes(kind.value);
    case "text":
      if (!kind.value.isWellFormed()) {
        throw invalidField(`${field}.text`, "holds half of a surrogate pair");
      }
      return encodeText(kind.value, field, bytesMax);
    case "json": {
      const writer = new BinaryWriter().uint32(tags.json).fork();
      writeJson(writer, kind.value, { field: `${field}.json`, level: 0 });
      const bytes = writer.join().finish();
      checkSize(bytes.length, field, bytesMax);
      return toByteString(bytes);
    }
    case "integer":
      return encodeInteger(kind.value);
    case undefined:
      throw invalidField(field, "one of bytes, text, json, integer is required");
  }
}

/** The value that `encodeValue` wrote. */
export function decodeValue(stored: ByteString): Value {
  const tag = stored.charCodeAt(0);
  if (tag === tags.json) return fromBinary(ValueSchema, fromByteString(stored));
  return { $typeName: "tiffin.kv.v1.Value", kind: decodeScalar(tag, stored) };
}

/** Whether it is what `encodeValue` writes for some value of at most so many bytes. */
export function isEncodedValue(stored: ByteString, bytesMax: number): boolean {
  // Reading a longer integer takes time that grows with the square of its length.
  if (kindOf(stored) === "integer" && stored.length > integerBytesMax) return false;
  try {
    return encodeValue(decodeValue(stored), "value", bytesMax) === stored;
  } catch {
    // What cannot be read, or not be written, was not written.
    return false;
  }
}

function decodeScalar(tag: number, stored: ByteString): Value["kind"] {
  if (tag === tags.integer) return { case: "integer", value: decodeInteger(stored) };
  let at = 1;
  while (stored.charCodeAt(at) >= 0x80) at++;
  at++;
  if (tag === tags.bytes) {
    return { case: "bytes", value: Buffer.from(stored.slice(at), "latin1") };
  }
  const room = stored.length <= scratch.length ? scratch : Buffer.allocUnsafe(stored.length);
  const end = room.write(stored, 0, "latin1");
  return { case: "text", value: room.toString("utf8", at, end) };
}

/** Of which kind a stored value is. */
export function kindOf(stored: ByteString): Exclude<Value["kind"]["case"], undefined> {
  switch (stored.charCodeAt(0)) {
    case tags.bytes:
      return "bytes";
    case tags.text:
      return "text";
    case tags.integer:
      return "integer";
    default:
      return "json";
  }
}

export function encodeInteger(value: bigint): ByteString {
  let encoded = String.fromCharCode(tags.integer);
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n)
    encoded += String.fromCharCode(Number(rest & 0x7fn) | moreFollows);
  return encoded + String.fromCharCode(Number(rest));
}

export function decodeInteger(stored: ByteString): bigint {
  let value = 0n;
  for (let at = 1; at < stored.length; at++) {
    value |= BigInt(stored.charCodeAt(at) & 0x7f) << BigInt(7 * (at - 1));
  }
  return BigInt.asIntN(64, value);
}

/** What is stored after the tag and length of bytes or text, one char a byte: orders as the values do. */
export function bodyOf(stored: ByteString): string {
  let at = 1;
  while (stored.charCodeAt(at) >= 0x80) at++;
  return stored.slice(at + 1);
}

function encodeText(text: string, field: string, bytesMax: number): ByteString {
  const length = Buffer.byteLength(text);
  checkSize(sizeWithHead(length), field, bytesMax);
  const room = roomFor(length);
  const at = writeHead(room, tags.text, length);
  return room.toString("latin1", 0, at + room.write(text, at));
}

function encodeBytes(bytes: Uint8Array): ByteString {
  const room = roomFor(bytes.length);
  const at = writeHead(room, tags.bytes, bytes.length);
  room.set(bytes, at);
  return room.toString("latin1", 0, at + bytes.length);
}

function writeHead(room: Buffer, tag: number, length: number): number {
  room[0] = tag;
  let at = 1;
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) room[at++] = (rest & 0x7f) | moreFollows;
  room[at++] = rest;
  return at;
}

/** What bytes or text of that length take, encoded: a tag and the length go before them. */
function sizeWithHead(length: number): number {
  let size = length + 2;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}

const roomFor = (length: number): Buffer =>
  length + headBytesMax <= scratch.length ? scratch : Buffer.allocUnsafe(length + headBytesMax);

function checkSize(bytes: number, field: string, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw valueTooLarge(field, `has ${bytes} bytes, of at most ${bytesMax}`, {
    limit: "value bytes",
    max: bytesMax,
    actual: bytes,
  });
}

/** Field numbers of tiffin.kv.v1.Value with their wire types. */
const tags = { bytes: 0x0a, text: 0x12, json: 0x1a, integer: 0x20 } as const;
const moreFollows = 0x80;
/** A tag, and 64 bits by seven. */
const integerBytesMax = 11;
const headBytesMax = 6;
const scratch = Buffer.allocUnsafe(16 * 1024);
