import { invalidField } from "../errors.ts";

/** Refuses what cannot be part of a key. How long it may be is a rule of the contract. */
export function checkedSubject(subject: string): string {
  if (!subject.isWellFormed()) throw invalidField("subject", "holds half of a surrogate pair");
  return subject;
}

export const isSubject = (part: unknown): boolean =>
  typeof part === "string" && Buffer.byteLength(part) <= subjectBytesMax;

/** As the contract has it. */
const subjectBytesMax = 512;
