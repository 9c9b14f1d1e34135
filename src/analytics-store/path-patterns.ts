import { absentPath, anySegment } from "./path.ts";

/** Any of the first and none of the second; canonical ones (`checkedPattern`). No `include`: everything, also what has no path. */
export interface PathPatterns {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Whether a path is meant. A series without the dimension has the path `?`. */
export function pathMatcher({ include, exclude }: PathPatterns): (path: string) => boolean {
  const included = anyMatcher(include);
  const excluded = anyMatcher(exclude);
  return (path) => (include.length === 0 || included(path)) && !excluded(path);
}

/** By whole segments: a pattern's path and all below it. A thousand patterns cost a path hardly more than one does. */
function anyMatcher(patterns: readonly string[]): (path: string) => boolean {
  const meansAbsent = patterns.includes(absentPath);
  const root = new PatternNode();
  for (const pattern of patterns) {
    if (pattern !== absentPath) root.add(pattern);
  }
  return (path) => (path === absentPath ? meansAbsent : root.reaches(path, 0));
}

/** Where some patterns are alike up to here. */
class PatternNode {
  readonly #named = new Map<string, PatternNode>();
  #any: PatternNode | undefined;
  #isEnd = false;

  add(pattern: string): void {
    let node: PatternNode = this;
    for (const segment of pattern.split("/")) node = node.#below(segment);
    node.#isEnd = true;
  }

  /** Whether a pattern ends here or further down along the path, whose next segment begins at `from`. */
  reaches(path: string, from: number): boolean {
    if (this.#isEnd) return true;
    if (from > path.length) return false;
    const slash = path.indexOf("/", from);
    const end = slash === -1 ? path.length : slash;
    const named = this.#named.size === 0 ? undefined : this.#named.get(path.slice(from, end));
    if (named?.reaches(path, end + 1)) return true;
    return this.#any?.reaches(path, end + 1) ?? false;
  }

  #below(segment: string): PatternNode {
    const there = segment === anySegment ? this.#any : this.#named.get(segment);
    if (there !== undefined) return there;
    const made = new PatternNode();
    if (segment === anySegment) this.#any = made;
    else this.#named.set(segment, made);
    return made;
  }
}
