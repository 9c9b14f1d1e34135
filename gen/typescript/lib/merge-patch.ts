import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** A JSON merge patch (RFC 7396): members that are null are removed, objects merged, all else replaced. Changes neither. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  // A map, since a member may be called __proto__.
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, isJsonObject(value) ? mergeInto(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}

/** Whether it has members. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const mergeInto = (target: JsonValue | undefined, patch: JsonObject): JsonObject =>
  mergePatch(isJsonObject(target) ? target : {}, patch);

/** What may be given as a patch of a T. */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Name in keyof T]?: MergePatch<T[Name]> | null }
    : T;
