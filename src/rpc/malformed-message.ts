import { TiffinError } from "../errors.ts";

/**
 * A request that is no message of its type, from the codec's own error. The codec quotes what it could not read,
 * which may be a secret: what is repeated is the field's or the message's name, and of a JSON member that should not be there
 * the name, if it could be one of a field.
 */
export function malformedMessage(cause: unknown): TiffinError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const reason = reasonFrom(text);
  const unknown = /: key "(.*)" is unknown$/s.exec(text)?.[1];
  const field = unknown === undefined ? fieldIn(text) : nameIn(unknown);
  const found = field === undefined ? {} : { field };
  return new TiffinError("malformed_message", `the request cannot be read: ${reason}`, {
    metadata: found,
    ...(field !== undefined && { violations: [{ field, description: reason }] }),
  });
}

/** Fields and messages are named in the contract, so naming one tells nothing that was sent. */
function reasonFrom(text: string): string {
  const unknown =
    /^(?:\[\w+\] )?cannot decode message (\S+) from JSON: key "(.*)" is unknown$/s.exec(text);
  if (unknown !== null) return `${unknown[1]} has no field ${quoted(unknown[2]) ?? "of that name"}`;
  const twice = /from JSON: duplicate object key "(.*)"$/s.exec(text);
  if (twice !== null) return `it gives ${quoted(twice[1]) ?? "a member"} twice`;
  if (text.includes("encoding utf-8")) return "it is not valid UTF-8";
  // What V8 says of broken JSON names it; the codec's own texts have the word before the colon alone.
  if (/from JSON: .*JSON/s.test(text)) return "it is not valid JSON";
  if (text.includes("recursion depth")) return "it is nested too deep";
  const named = /cannot decode ((?:field|message|oneof|enum) [\w.]+) from (JSON|binary)/.exec(text);
  if (named !== null) return `${named[1]} does not fit what ${named[2]} holds there`;
  return text.includes("JSON") ? "it is not valid JSON" : "it is not valid protobuf";
}

const fieldIn = (text: string): string | undefined =>
  /^(?:\[\w+\] )?cannot decode field ([\w.]+)/.exec(text)?.[1]?.split(".").at(-1);

/** The name, if it could be one of a field. A session's id is longer: one that was sent in its place is not sent back. */
export const nameIn = (sent = ""): string | undefined =>
  sent.length <= nameLengthMax && /^[\w.-]+$/.test(sent) ? sent : undefined;

const quoted = (sent?: string): string | undefined => {
  const name = nameIn(sent);
  return name && `"${name}"`;
};

const nameLengthMax = 32;
