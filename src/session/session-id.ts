import { createHash, randomBytes } from "node:crypto";

/** 256 bits of the system's CSPRNG, base64url: 43 characters (ASVS 5.0, 7.2.3 asks for 128 bits). */
export const newSessionId = (): string => randomBytes(32).toString("base64url");

/** 128 bits, base64url: 22 characters. Names a session and opens none. */
export const newHandle = (): string => randomBytes(16).toString("base64url");

/**
 * What is kept of an id: SHA-256 over its characters, base64url. Of its characters and not of the bytes they stand for, because
 * several spellings decode to the same bytes. An id has too many bits for guessing, so the digest needs no salt and no stretching.
 */
export const digestOf = (sessionId: string): string =>
  createHash("sha256").update(sessionId).digest("base64url");

export const isIdDigest = (part: unknown): boolean => isBase64Url(part, 43);
export const isHandle = (part: unknown): boolean => isBase64Url(part, handleLength);

/** What stands beside a handle in one text begins after so many characters. */
export const handleLength = 22;

const isBase64Url = (part: unknown, length: number): boolean =>
  typeof part === "string" && part.length === length && /^[\w-]+$/.test(part);
