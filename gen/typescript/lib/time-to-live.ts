/** Whole milliseconds, at least one, as every store takes them; a RangeError when it is not more than zero or has no end. */
export function toWholeTtlMs(ttlMs: number): number {
  if (!(ttlMs > 0 && ttlMs <= ttlMsMax)) {
    throw new RangeError(
      `a time to live in milliseconds is more than 0 and at most ${ttlMsMax}, not ${ttlMs}`,
    );
  }
  return Math.ceil(ttlMs);
}

/** A thousand years: what a timestamp of the contract can still say, counted from today. */
export const ttlMsMax = 1000 * 365 * 24 * 60 * 60 * 1000;
