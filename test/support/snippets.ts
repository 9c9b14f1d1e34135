/** What a document has between fences. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** Where it begins, for whoever reads a failure. */
  readonly line: number;
}

/** A fence to run, and the one after it that says what that prints. */
export interface Snippet extends Fence {
  readonly output?: Fence;
}

/** The snippets of a Markdown document, in order. */
export function snippetsOf(markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  for (const fence of fencesOf(markdown)) {
    const last = snippets.at(-1);
    const isOutput = fence.language === "json" || fence.language === "text";
    if (isOutput && last !== undefined && last.output === undefined) {
      snippets[snippets.length - 1] = { ...last, output: fence };
    } else snippets.push(fence);
  }
  return snippets;
}

const fencesOf = (markdown: string): Fence[] =>
  [...markdown.matchAll(/^```(\w*)\n(.*?)\n```$/gms)].map((match) => ({
    language: match[1] ?? "",
    text: match[2] ?? "",
    line: markdown.slice(0, match.index).split("\n").length,
  }));
