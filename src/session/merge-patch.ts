import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/**
 * JSON merge patch (RFC 7396): members that are null are removed, objects are merged, everything else replaces. The result is made
 * without a prototype, so that a member named `__proto__` is a member like any other.
 */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = Object.assign(emptyObject(), target);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = isObject(value) ? mergePatch(memberOf(merged, name), value) : value;
  }
  return merged;
}

const memberOf = (parent: JsonObject, name: string): JsonObject => {
  const member = parent[name];
  return isObject(member) ? member : {};
};

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const emptyObject = (): JsonObject => Object.create(null) as JsonObject;
