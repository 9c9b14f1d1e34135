import { createHash } from "node:crypto";
import type { Key } from "./store/key.ts";

/**
 * A token that says where in a query its holder is. It grants nothing, is no secret and survives restarts; the
 * digest over the query and the position tells one that was altered, or belongs to another query.
 */
export function toQueryToken(query: Key, position: string): string {
  const body = Buffer.from(position);
  return Buffer.concat([formatByte, digestOf(query, body), body]).toString("base64url");
}

/** The position in the token; undefined when it is not one of this query. */
export function fromQueryToken(query: Key, token: string): string | undefined {
  const bytes = Buffer.from(token, "base64url");
  // Node's decoder skips what is not base64url: only the one spelling that we gave out is ours.
  if (bytes.toString("base64url") !== token || bytes[0] !== formatByte[0]) return undefined;
  const body = bytes.subarray(1 + digestBytes);
  if (!digestOf(query, body).equals(bytes.subarray(1, 1 + digestBytes))) return undefined;
  return body.toString();
}

const digestOf = (query: Key, body: Buffer): Buffer =>
  createHash("sha256").update(query, "latin1").update(body).digest().subarray(0, digestBytes);

/** Raised when what the other bytes mean changes. */
const formatByte = Buffer.from([1]);
const digestBytes = 16;
