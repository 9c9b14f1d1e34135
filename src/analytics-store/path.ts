import { invalidField } from "../errors.ts";

/** What stands for a dimension that a series does not have. */
export const absentPath = "?";
/** Matches any one segment; fills up a path that is shorter than the level of detail. */
export const anySegment = "*";

/**
 * The canonical form of a path that is to be stored: segments joined by `/`, none at its ends.
 * Refuses what could not be told from a pattern or found again, naming the field.
 */
export function checkedPath(text: string, field: string): string {
  const path = canonical(text);
  checkForm(path, text, field);
  const segments = path.split("/");
  if (segments[0] === absentPath) {
    throw invalidField(
      field,
      `a path cannot begin with ${absentPath}, which stands for none`,
      text,
    );
  }
  if (segments.includes(anySegment)) {
    throw invalidField(field, `the segment ${anySegment} matches any; it cannot be stored`, text);
  }
  return path;
}

/** The canonical form of a pattern: as a path, with segments that match any. */
export function checkedPattern(text: string, field: string): string {
  const pattern = canonical(text);
  checkForm(pattern, text, field);
  return pattern;
}

/** One `/` at either end means nothing. */
const canonical = (text: string): string => text.replace(/^\//, "").replace(/\/$/, "");

function checkForm(path: string, text: string, field: string): void {
  if (path === "") throw invalidField(field, "is empty", text);
  if (path.split("/").includes("")) throw invalidField(field, "has an empty segment", text);
  if (path.includes("\0")) throw invalidField(field, "has a NUL character", text);
  if (!path.isWellFormed()) throw invalidField(field, "holds half of a surrogate pair");
  const bytes = Buffer.byteLength(path);
  if (bytes > pathBytesMax) {
    throw invalidField(field, `has ${bytes} bytes, and ${pathBytesMax} are the most`, text);
  }
}

/** The first segments of a path, filled up with `*`; what stands for no path stays itself. */
export function atLevel(path: string, level: number | undefined): string {
  if (level === undefined) return path;
  if (level === 0) return "";
  if (path === absentPath) return path;
  const segments = path.split("/");
  while (segments.length < level) segments.push(anySegment);
  return segments.slice(0, level).join("/");
}

/** Whether `path` is `above` or below it. */
export const isWithin = (path: string, above: string): boolean =>
  path === above || path.startsWith(`${above}/`);

/** UTF-8 bytes of a path. */
export const pathBytesMax = 1024;
