import { absentPath, anySegment } from "./path.ts";

/** Any of the first and none of the second; canonical ones (`checkedPattern`). No `include`: everything, also what has no path. */
export interface PathPatterns {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Whether a path is meant. A series without the dimension has the path `?`. */
export function pathMatcher({ include, exclude }: PathPatterns): (path: string) => boolean {
  const included = include.map(prefixMatcher);
  const excluded = exclude.map(prefixMatcher);
  return (path) => {
    if (included.length > 0 && !included.some((matches) => matches(path))) return false;
    return !excluded.some((matches) => matches(path));
  };
}

/** By whole segments: the pattern's path and all below it. */
function prefixMatcher(pattern: string): (path: string) => boolean {
  if (pattern === absentPath) return (path) => path === absentPath;
  const segments = pattern.split("/");
  if (!segments.includes(anySegment)) {
    const below = `${pattern}/`;
    return (path) => path === pattern || path.startsWith(below);
  }
  return (path) => {
    if (path === absentPath) return false;
    const parts = path.split("/");
    return segments.every(
      (segment, index) =>
        index < parts.length && (segment === anySegment || segment === parts[index]),
    );
  };
}
