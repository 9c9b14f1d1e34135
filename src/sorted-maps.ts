/**
 * The message with the members of all maps in it, those of JSON objects among them, in order of their names: clients encode
 * them in any order, Go in another at each try, and a request that is repeated must be known again.
 */
export function withSortedMaps<T>(message: T): T {
  return sorted(message) as T;
}

/** Messages are sorted as well: their encoding does not follow the order of their properties. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
