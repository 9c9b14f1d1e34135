import type { JsonObject } from "@bufbuild/protobuf";
import { type ByteString, toByteString } from "../store/byte-string.ts";

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

/** Digests and when they end, in turn. */
function toIds(flat: readonly (string | number)[]): SessionIdRecord[] {
  const ids: SessionIdRecord[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    ids.push({ digest: flat[at] as string, untilMs: flat[at + 1] as number });
  }
  return ids;
}

type Encoded = [
  ...[format: number, version: number, created: number, used: number, absolute: number],
  ...[rotated: number, idle: number, touch: number, renewal: number, max: number, refuses: number],
  ...[ids: (string | number)[], client: [string, string, string], data: JsonObject],
];

/** Raised when what the parts mean changes. */
const formatVersion = 1;
/** How many ids may be in their grace at once; of more, those that were rotated away first end early. */
export const formerIdsMax = 4;
