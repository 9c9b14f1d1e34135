import fc from "fast-check";
import { type KeyValueClient, setExpiring } from "./calls.ts";
import type { StoreHistory } from "./store-history.ts";

/** Keys whose entries expire, which nobody but watches looks at. */
export const expiringKeys = ["t0", "t1"] as const;
export const expiringPrefix = "t";
export const lastExpiringValue = "last t1";

/**
 * Writes entries that expire, some of them over such as have expired already; and at the end, once the expiry of the last has
 * come as an event, one over each that stays.
 */
export async function runExpiring(
  kv: KeyValueClient,
  history: StoreHistory,
  seed: number,
): Promise<void> {
  const lives = fc.sample(lifeMs, { seed, numRuns: steps });
  for (const [index, ms] of lives.entries()) {
    const key = expiringKeys[index % expiringKeys.length] as string;
    await setExpiring(kv, { key, value: `${key} ${index}`, ms });
  }
  for (const key of expiringKeys) {
    const from = history.events.length;
    await setExpiring(kv, { key, value: `${key} expires`, ms: 1 });
    await history.until((event) => event.type === "EXPIRE" && event.key === key, from);
    await setExpiring(kv, { key, value: `last ${key}`, ms: longMs });
  }
}

const lifeMs = fc.constantFrom(1, 5, 20, 100);
const steps = 24;
/** Longer than any round. */
const longMs = 3_600_000;
