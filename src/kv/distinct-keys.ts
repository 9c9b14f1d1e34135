import { invalidField } from "../errors.ts";

/** Refuses a request that writes one key twice: which write would win would be anyone's guess. */
export function checkDistinct(
  writes: Iterable<{ readonly key: string; readonly field: string }>,
): void {
  const seen = new Map<string, string>();
  for (const { key, field } of writes) {
    const first = seen.get(key);
    if (first !== undefined) throw invalidField(field, `is written by ${first} already`, key);
    seen.set(key, field);
  }
}
