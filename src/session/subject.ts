import { invalidField } from "../errors.ts";

/** Refuses what cannot be part of a key. How long it may be is a rule of the contract. */
export function checkedSubject(subject: string): string {
  if (!subject.isWellFormed()) throw invalidField("subject", "holds half of a surrogate pair");
  return subject;
}
