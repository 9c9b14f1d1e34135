import type { JsonObject } from "@bufbuild/protobuf";
import { type ByteString, toByteString } from "../store/byte-string.ts";

/** A session as it is stored, but for what its key and its expiry say. */
export interface SessionRecord extends SessionHead {
  readonly data: JsonObject;
}

/** All but the data: what it takes to count sessions, and to end them. Times and durations are milliseconds. */
export interface SessionHead {
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

/**
 * Two lines of JSON, so that the first can be read without the second: a subject's sessions may hold megabytes of data. The first is an
 * array, so that a million sessions do not each say the names.
 */
export function encodeSession(record: SessionRecord): ByteString {
  const { version, createdMs, usedMs, absoluteMs, rotatedMs, policy, ids, client, data } = record;
  const { idleMs, touchMs, renewalMs, subjectMax, refuses } = policy;
  const head = JSON.stringify([
    ...[formatVersion, version, createdMs, usedMs, absoluteMs, rotatedMs],
    ...[idleMs, touchMs, renewalMs, subjectMax, refuses ? 1 : 0],
    ids.flatMap(({ digest, untilMs }) => [digest, untilMs]),
    [client.ip, client.agent, client.device],
  ]);
  return toByteString(Buffer.from(head + lineEnd + JSON.stringify(data)));
}

export function decodeSession(stored: ByteString): SessionRecord {
  const data = parse(stored.slice(stored.indexOf(lineEnd) + 1)) as JsonObject;
  return { ...decodeHead(stored), data };
}

export function decodeHead(stored: ByteString): SessionHead {
  const parts = parse(stored.slice(0, stored.indexOf(lineEnd))) as EncodedHead;
  const [, version, createdMs, usedMs, absoluteMs, rotatedMs, ...rest] = parts;
  const [idleMs, touchMs, renewalMs, subjectMax, refuses, ids, [ip, agent, device]] = rest;
  return {
    ...{ version, createdMs, usedMs, absoluteMs, rotatedMs },
    policy: { idleMs, touchMs, renewalMs, subjectMax, refuses: refuses === 1 },
    ids: toIds(ids),
    client: { ip, agent, device },
  };
}

const parse = (json: ByteString): unknown => JSON.parse(Buffer.from(json, "latin1").toString());

/** Digests and when they end, in turn. */
function toIds(flat: readonly (string | number)[]): SessionIdRecord[] {
  const ids: SessionIdRecord[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    ids.push({ digest: flat[at] as string, untilMs: flat[at + 1] as number });
  }
  return ids;
}

type EncodedHead = [
  ...[format: number, version: number, created: number, used: number, absolute: number],
  ...[rotated: number, idle: number, touch: number, renewal: number, max: number, refuses: number],
  ...[ids: (string | number)[], client: [string, string, string]],
];

/** JSON has it nowhere but where it is put: in texts it is escaped. */
const lineEnd = "\n";

/** Raised when what the parts mean changes. */
const formatVersion = 1;
/** How many ids may be in their grace at once; of more, those that were rotated away first end early. */
export const formerIdsMax = 4;
