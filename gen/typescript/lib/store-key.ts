/** Refuses what no store takes as a key: it would be another key on its way, or an error only where there is a server. */
export function checkStoreKey(key: string): void {
  if (typeof key !== "string") throw new TypeError(`a key is a string, not ${typeof key}`);
  if (!key.isWellFormed()) throw new TypeError("a key must not hold half of a surrogate pair");
  const bytes = encoder.encode(key).length;
  if (bytes === 0 || bytes > keyBytesMax) {
    throw new RangeError(`a key has 1 to ${keyBytesMax} bytes of UTF-8, not ${bytes}`);
  }
}

const encoder = new TextEncoder();

/** The server's own limit, unless it is configured to take less. */
const keyBytesMax = 1024;
