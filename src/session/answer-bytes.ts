import type { JsonValue } from "@bufbuild/protobuf";
import type { LiveSession } from "./open-session.ts";

/**
 * A bound on what the session takes in an answer, in either encoding. As JSON its data is what is stored; as a message it may take
 * several times that: each value says its kind, and a number is eight bytes.
 */
export function answerBytesOf({ subject, record, entry }: LiveSession): number {
  const { ip, agent, device } = record.client;
  const clientBytes = Buffer.byteLength(ip + agent + device);
  return (
    answerOverheadBytes +
    Buffer.byteLength(JSON.stringify(subject)) +
    Math.max(entry.value.length, clientBytes + messageBytesOf(record.data))
  );
}

/** A bound on the value as a google.protobuf.Value, with its tag and length. */
function messageBytesOf(value: JsonValue): number {
  switch (typeof value) {
    case "string":
      return valueBytes + Buffer.byteLength(value);
    case "object":
      if (value === null) return valueBytes;
      return Array.isArray(value)
        ? value.reduce<number>((sum, item) => sum + messageBytesOf(item), valueBytes)
        : membersBytesOf(value);
    case "number":
    case "boolean":
      return valueBytes;
  }
}

function membersBytesOf(members: Record<string, JsonValue>): number {
  let bytes = valueBytes;
  for (const [name, member] of Object.entries(members)) {
    bytes += memberBytes + Buffer.byteLength(name) + messageBytesOf(member);
  }
  return bytes;
}

/** Tags, lengths of at most four bytes each, and a number. */
const valueBytes = 12;
/** An entry of a map around a name and a value. */
const memberBytes = 10;
/** The times, the handle and the names of all that in JSON, and the event around them. */
const answerOverheadBytes = 640;
