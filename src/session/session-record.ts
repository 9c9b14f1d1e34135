import type { JsonObject } from "@bufbuild/protobuf";
import { type ByteString, toByteString } from "../store/byte-string.ts";
import { expireAtMax } from "../timestamp.ts";
import { isData } from "./session-data.ts";
import { isIdDigest } from "./session-id.ts";

/** A session as it is stored, but for what its key and its expiry say. Times and durations are milliseconds. */
export interface SessionRecord {
  /** Of subject and data: grows whenever they change. The record's own version changes with rotations as well. */
  readonly version: number;
  readonly createdMs: number;
  /** When it was used, as of the last time the record was written; what the expiry says is newer: `lifetime.ts`. */
  readonly usedMs: number;
  readonly absoluteMs: number;
  /** When the current id was made. */
  readonly rotatedMs: number;
  readonly policy: SessionPolicy;
  /** The ids that open it: the current one first, then those rotated away that are in their grace. */
  readonly ids: readonly SessionIdRecord[];
  readonly client: { readonly ip: string; readonly agent: string; readonly device: string };
  readonly data: JsonObject;
}

export interface SessionIdRecord {
  readonly digest: string;
  /** Unix milliseconds from which on it opens nothing; of the current one 0. */
  readonly untilMs: number;
}

/** A policy as it was granted. */
export interface SessionPolicy {
  readonly idleMs: number;
  readonly touchMs: number;
  /** 0: none. */
  readonly renewalMs: number;
  readonly subjectMax: number;
  readonly refuses: boolean;
}

/** The version after a change. Of the clock, as revisions are: a session that was restored from a backup does not use one again. */
export const nextVersion = (
  before: Pick<SessionRecord, "version"> | undefined,
  nowMs: number,
): number => Math.max((before?.version ?? 0) + 1, nowMs * 1000);

/** JSON, an array so that a million sessions do not each say the names; strings, because values of the store are. */
export function encodeSession(record: SessionRecord): ByteString {
  const { version, createdMs, usedMs, absoluteMs, rotatedMs, policy, ids, client, data } = record;
  const { idleMs, touchMs, renewalMs, subjectMax, refuses } = policy;
  const json = JSON.stringify([
    ...[formatVersion, version, createdMs, usedMs, absoluteMs, rotatedMs],
    ...[idleMs, touchMs, renewalMs, subjectMax, refuses ? 1 : 0],
    ids.flatMap(({ digest, untilMs }) => [digest, untilMs]),
    [client.ip, client.agent, client.device],
    data,
  ]);
  return toByteString(Buffer.from(json));
}

export function decodeSession(stored: ByteString): SessionRecord {
  const parts = JSON.parse(Buffer.from(stored, "latin1").toString()) as Encoded;
  const [, version, createdMs, usedMs, absoluteMs, rotatedMs, ...rest] = parts;
  const [idleMs, touchMs, renewalMs, subjectMax, refuses, ids, [ip, agent, device], data] = rest;
  return {
    ...{ version, createdMs, usedMs, absoluteMs, rotatedMs },
    policy: { idleMs, touchMs, renewalMs, subjectMax, refuses: refuses === 1 },
    ids: toIds(ids),
    client: { ip, agent, device },
    data,
  };
}

/** Whether it is what `encodeSession` writes for a session that this server could have made. */
export function isSoundSession(stored: ByteString, expireAt: number | "none"): boolean {
  let record: SessionRecord;
  try {
    record = decodeSession(stored);
    if (encodeSession(record) !== stored) return false;
  } catch {
    // What cannot be read was not written.
    return false;
  }
  const { policy, ids, client, data } = record;
  const times = [record.createdMs, record.usedMs, record.absoluteMs, record.rotatedMs, expireAt];
  return (
    [record.version, ...times, ...Object.values(policy).map(Number)].every(isCount) &&
    times.every((time) => Number(time) <= expireAtMax) &&
    Number(expireAt) <= record.absoluteMs &&
    ids.length > 0 &&
    ids.every(({ digest, untilMs }) => isIdDigest(digest) && isCount(untilMs)) &&
    Object.values(client).every((text) => typeof text === "string") &&
    isData(data)
  );
}

/** Digests and when they end, in turn. */
function toIds(flat: readonly (string | number)[]): SessionIdRecord[] {
  const ids: SessionIdRecord[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    ids.push({ digest: flat[at] as string, untilMs: flat[at + 1] as number });
  }
  return ids;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

type Encoded = [
  ...[format: number, version: number, created: number, used: number, absolute: number],
  ...[rotated: number, idle: number, touch: number, renewal: number, max: number, refuses: number],
  ...[ids: (string | number)[], client: [string, string, string], data: JsonObject],
];

/** Raised when what the parts mean changes. */
const formatVersion = 1;
