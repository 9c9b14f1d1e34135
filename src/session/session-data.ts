import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { invalidField, type TiffinError, valueTooLarge } from "../errors.ts";
import { jsonLevelsMax } from "../json-levels.ts";
import { mergePatch } from "./merge-patch.ts";

/** The data as it may be stored: JSON, not too deep, not too large. */
export function checkedData(data: JsonObject, field: string, bytesMax: number): JsonObject {
  checkJson(data, field, 0);
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > bytesMax)
    throw tooLarge(field, { limit: "session data bytes", max: bytesMax, actual: bytes });
  return data;
}

/** What a merge patch makes of the data there is. It is checked as it stands before anything is read, and what it makes once more. */
export function checkedPatch(
  patch: JsonObject,
  bytesMax: number,
): (data: JsonObject) => JsonObject {
  const field = "merge_patch";
  const checked = checkedData(patch, field, bytesMax);
  return (data) => checkedData(mergePatch(data, checked), field, bytesMax);
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
  if (level === jsonLevelsMax)
    throw tooLarge(field, { limit: "json levels", max: jsonLevelsMax, actual: jsonLevelsMax + 1 });
  for (const [name, member] of Object.entries(value)) {
    checkWellFormed(name, field);
    checkJson(member, field, level + 1);
  }
}

function checkWellFormed(text: string, field: string): void {
  if (!text.isWellFormed()) throw invalidField(field, "holds half of a surrogate pair");
}

const tooLarge = (
  field: string,
  over: { limit: string; max: number; actual: number },
): TiffinError =>
  valueTooLarge(field, `${over.limit} is ${over.max}, and this has ${over.actual}`, over);
