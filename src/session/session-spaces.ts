import { type ByteString, byteStringCodec } from "../store/byte-string.ts";
import { child, type Key, key, partsOf } from "../store/key.ts";
import type { Space } from "../store/space.ts";
import { isSoundFinder } from "./finder.ts";
import { isHandle, isIdDigest } from "./session-id.ts";
import { isSoundSession } from "./sound-session.ts";
import { isSubject } from "./subject.ts";

/**
 * Sessions: [tenant, "session", subject, handle], the encoded `SessionRecord`. It alone says which ids open it. Under one subject's
 * key are all its live sessions, so that listing, counting and ending them needs no index beside.
 */
export const sessionSpace: Space<ByteString> = {
  name: "session",
  rootParts: 2,
  codec: byteStringCodec,
  history: true,
  evictable: false,
  merging: "records",
  isSound({ parts: [subject, handle, ...rest], value }, expireAt) {
    const isNamed = isSubject(subject) && isHandle(handle) && rest.length === 0;
    return isNamed && isSoundSession(value as ByteString, expireAt);
  },
};

/** Finders: [tenant, "session-id", digest of an id], the session's handle and subject. Each expires no later than its session. */
export const finderSpace: Space<ByteString> = {
  name: "session-id",
  rootParts: 2,
  codec: byteStringCodec,
  history: false,
  evictable: false,
  merging: "records",
  isSound: ({ parts: [digest, ...rest], value }, expireAt) =>
    isIdDigest(digest) && rest.length === 0 && isSoundFinder(value as ByteString, expireAt),
};

export const sessionSpaces: readonly Space<unknown>[] = [sessionSpace, finderSpace];

/** Under it are all sessions of the tenant. */
export const sessionsRoot = (tenant: number): Key => key(tenant, sessionSpace.name);

/** Under it are the subject's sessions; locked by who counts them. */
export const subjectRoot = (tenant: number, subject: string): Key =>
  child(sessionsRoot(tenant), subject);

/** Which session it is, whatever tenant's. */
export interface SessionName {
  readonly subject: string;
  readonly handle: string;
}

export const sessionKey = (tenant: number, { subject, handle }: SessionName): Key =>
  child(subjectRoot(tenant, subject), handle);

/** Of a session's key. */
export function nameIn(whole: Key): SessionName {
  const [, , subject, handle] = partsOf(whole) as [number, string, string, string];
  return { subject, handle };
}

export const finderKey = (tenant: number, digest: string): Key =>
  key(tenant, finderSpace.name, digest);
