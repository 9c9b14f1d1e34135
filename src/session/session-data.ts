import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { invalidField, TiffinError } from "../errors.ts";

/** The data as it may be stored: JSON, not too deep, not too large. */
export function checkedData(data: JsonObject, field: string, bytesMax: number): JsonObject {
  checkJson(data, field, 0);
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > bytesMax)
    throw tooLarge(field, { limit: "session data bytes", max: bytesMax, actual: bytes });
  return data;
}

/** Whether it could have been stored, by this server or one with other limits. */
export function isData(data: unknown): boolean {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return false;
  try {
    checkJson(data as JsonObject, "data", 0);
    return true;
  } catch {
    return false;
  }
}

/** Refuses what JSON cannot say, and what some client could not read. */
function checkJson(value: JsonValue, field: string, level: number): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw invalidField(field, `${value} is not JSON`);
  }
  if (typeof value === "string") checkWellFormed(value, field);
  if (typeof value !== "object" || value === null) return;
  if (level === levelsMax)
    throw tooLarge(field, { limit: "json levels", max: levelsMax, actual: levelsMax + 1 });
  for (const [name, member] of Object.entries(value)) {
    checkWellFormed(name, field);
    checkJson(member, field, level + 1);
  }
}

function checkWellFormed(text: string, field: string): void {
  if (!text.isWellFormed()) throw invalidField(field, "holds half of a surrogate pair");
}

function tooLarge(
  field: string,
  { limit, max, actual }: { limit: string; max: number; actual: number },
): TiffinError {
  const description = `${limit} is ${max}, and this has ${actual}`;
  return new TiffinError("value_too_large", `${field}: ${description}`, {
    metadata: { field, limit, max: String(max), actual: String(actual) },
    violations: [{ field, description }],
  });
}

/** Python's protobuf reads no deeper than 33 objects, with the messages around them. */
const levelsMax = 30;
