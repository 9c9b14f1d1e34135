import type { ByteString } from "../store/byte-string.ts";
import { expireAtMax } from "../timestamp.ts";
import { lastUse } from "./lifetime.ts";
import { sessionsOfSubjectMax } from "./policy.ts";
import { isData } from "./session-data.ts";
import { isIdDigest } from "./session-id.ts";
import {
  decodeSession,
  encodeSession,
  formerIdsMax,
  type SessionRecord,
} from "./session-record.ts";

/** Whether it is what `encodeSession` writes for a session that this server, or one with other limits, could have made. */
export function isSoundSession(stored: ByteString, expireAt: number | "none"): boolean {
  const record = readRecord(stored);
  return (
    record !== undefined &&
    expireAt !== "none" &&
    expireAt <= record.absoluteMs &&
    areTimes(record, expireAt) &&
    isPolicy(record.policy) &&
    areIds(record.ids) &&
    Object.values(record.client).every(isText) &&
    isData(record.data)
  );
}

function readRecord(stored: ByteString): SessionRecord | undefined {
  try {
    const record = decodeSession(stored);
    return encodeSession(record) === stored ? record : undefined;
  } catch {
    // What cannot be read was not written.
    return undefined;
  }
}

/** Whether every time that is answered of it can be said. */
function areTimes(record: SessionRecord, expireAt: number): boolean {
  const { version, createdMs, usedMs, absoluteMs, rotatedMs, policy } = record;
  const told = [lastUse(record, { expireAt }), rotatedMs + policy.renewalMs];
  return (
    isCount(version) &&
    [createdMs, usedMs, absoluteMs, rotatedMs, expireAt, ...told].every(
      (time) => isCount(time) && time <= expireAtMax,
    )
  );
}

const isPolicy = ({ idleMs, touchMs, renewalMs, subjectMax }: SessionRecord["policy"]): boolean =>
  [idleMs, touchMs, renewalMs, subjectMax].every(isCount) &&
  idleMs > 0 &&
  subjectMax > 0 &&
  subjectMax <= sessionsOfSubjectMax;

/** One that is current, which its session's end alone ends, and former ones with ends of their own. */
const areIds = ([current, ...former]: SessionRecord["ids"]): boolean =>
  current?.untilMs === 0 &&
  isIdDigest(current.digest) &&
  former.length <= formerIdsMax &&
  former.every(
    ({ digest, untilMs }) =>
      isIdDigest(digest) && isCount(untilMs) && untilMs > 0 && untilMs <= expireAtMax,
  );

const isText = (text: unknown): boolean => typeof text === "string" && text.isWellFormed();

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
