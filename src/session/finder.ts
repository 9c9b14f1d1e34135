import { type ByteString, fromByteString, toByteString } from "../store/byte-string.ts";
import { handleLength, isHandle } from "./session-id.ts";
import { isSubject } from "./subject.ts";

/** Where the session of an id is: what its finder says. It never changes: a session that goes to another subject gets another id. */
export interface Finder {
  readonly handle: string;
  readonly subject: string;
}

export const encodeFinder = ({ handle, subject }: Finder): ByteString =>
  handle + toByteString(Buffer.from(subject));

export const decodeFinder = (stored: ByteString): Finder => ({
  handle: stored.slice(0, handleLength),
  subject: Buffer.from(fromByteString(stored.slice(handleLength))).toString(),
});

/** Whether it is what `encodeFinder` writes. */
export function isSoundFinder(stored: ByteString, expireAt: number | "none"): boolean {
  const { handle, subject } = decodeFinder(stored);
  return (
    Number.isSafeInteger(expireAt) &&
    isHandle(handle) &&
    isSubject(subject) &&
    encodeFinder({ handle, subject }) === stored
  );
}
