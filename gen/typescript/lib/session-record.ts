import { isJsonObject } from "./merge-patch.ts";
import type { StoredSession } from "./session-backend.ts";

/** A session as a Store keeps it, under the digest of its id. Times are Unix milliseconds. */
export interface SessionRecord extends StoredSession {
  /** When it ends, used or not. */
  readonly deadline: number;
  /** When it was last used, to within the touch interval. */
  readonly usedAt: number;
  /** It lives on under another id: this one opens nothing any more. */
  readonly rotated: boolean;
}

/** The record in a value of a store; `undefined` when the value is anything else. */
export function readSessionRecord(value: unknown): SessionRecord | undefined {
  if (!isJsonObject(value)) return undefined;
  const { data, subject, deadline, usedAt, rotated } = value;
  if (!isJsonObject(data) || typeof deadline !== "number" || typeof usedAt !== "number") {
    return undefined;
  }
  const whose = typeof subject === "string" && subject !== "" ? subject : undefined;
  return { data, subject: whose, deadline, usedAt, rotated: rotated === true };
}
