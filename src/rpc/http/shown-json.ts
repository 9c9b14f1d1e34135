import type { DescField, JsonValue } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import { isRedacted } from "../field-violation.ts";

/**
 * What of a value that cannot be read may be told. Where it is not what it should be it may be anything, such as a secret in
 * the wrong field: a text is told only if it is nearly what belongs there, or too short for a secret.
 */
export function shownJson(path: Path, value: JsonValue): string | undefined {
  if (isRedacted(path)) return undefined;
  // One that may have been rounded is not what was sent.
  if (typeof value === "number") return isExact(value) ? String(value) : undefined;
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value !== "string") return undefined;
  return isTellable(path, value) ? value : undefined;
}

const isExact = (value: number): boolean => !Number.isInteger(value) || Number.isSafeInteger(value);

function isTellable(path: Path, text: string): boolean {
  if (text.length <= harmlessLengthMax) return true;
  if (text.length > tellableLengthMax) return false;
  const field = path.findLast((step): step is DescField => step.kind === "field");
  if (field?.enum !== undefined) return isNearlyIn(field.enum, text);
  return nearly.some((form) => form.test(text));
}

/** A name that begins like all of the enum's, or is a part of one. */
function isNearlyIn({ values }: NonNullable<DescField["enum"]>, text: string): boolean {
  const names = values.map(({ name }) => name);
  const prefix = /^[A-Z]+_/.exec(names[0] ?? "")?.[0] ?? "";
  const given = text.toUpperCase();
  return (
    (prefix !== "" && given.startsWith(prefix) && /^\w+$/.test(given)) ||
    names.some((name) => name.includes(given))
  );
}

/** Numbers, instants and durations, however they are written. */
const nearly = [
  /^[\d\s.,:_+Ee-]+$/,
  /^\d{4}-\d\d?-\d\d?[T ]?[\d:.,]*(?: ?(?:Z|UTC|GMT|[+-][\d:]+))?$/i,
  /^-?[\d.,]+\s*(?:ns|us|ms|[smhdwy]|(?:sec|second|min|minute|hour|day|week|month|year)s?)$/i,
  /^P[\d.YMWDTHS]+$/i,
];

const harmlessLengthMax = 4;
/** A session's id is longer. */
const tellableLengthMax = 40;
