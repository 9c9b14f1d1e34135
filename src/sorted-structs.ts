/**
 * The message with the members of all JSON objects in it in order of their names: clients encode them in any order, Go in
 * another at each try, and a request that is repeated must be known again.
 */
export function withSortedStructs<T>(message: T): T {
  return sorted(message) as T;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (isStruct(value)) return { ...value, fields: copy(value.fields, (a, b) => (a < b ? -1 : 1)) };
  return copy(value);
}

function copy(object: object, order?: (a: string, b: string) => number): object {
  const names = Object.keys(object);
  if (order !== undefined) names.sort(order);
  return Object.fromEntries(
    names.map((name) => [name, sorted((object as Record<string, unknown>)[name])]),
  );
}

/** A member of a JSON object may be called $typeName too, but is a message and no string. */
const isStruct = (value: object): value is { fields: object } =>
  "$typeName" in value && value.$typeName === "google.protobuf.Struct";
