import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { generatedPages } from "../scripts/generate-docs.ts";
import { variables } from "../src/config-variables.ts";
import { documents, projectRoot, textOf } from "./support/project-files.ts";

for (const [path, page] of Object.entries(generatedPages)) {
  test(`${path} says what the code says: \`npm run docs\` changes nothing`, () => {
    expect(textOf(path)).toBe(page());
  });
}

test("the defaults in the README are those of the code", () => {
  const defaults = new Map(Object.values(variables).map(({ name, fallback }) => [name, fallback]));
  const rows = [...textOf("README.md").matchAll(/^\| `(TIFFIN_\w+)` \| (?:`([^`]*)`)? ?\|/gm)];
  expect(rows.length).toBeGreaterThan(0);
  for (const [, name = "", fallback = ""] of rows) expect(fallback, name).toBe(defaults.get(name));
});

describe.each(documents())("%s", (path) => {
  const text = textOf(path);

  test("links to files that are there", () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, to = ""]) => to,
    );
    expect(links.filter((to) => !existsSync(join(projectRoot, dirname(path), to)))).toEqual([]);
  });

  test("names files that are there", () => {
    const named = [...text.matchAll(namedFile)].map(([, file = ""]) => file);
    expect(named.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
  });

  test("names scripts that are there", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run (?:--\w+ )*([\w-]+)/g)].map(
      ([, script = ""]) => script,
    );
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
  });
});

/** A path from the project's folder, without a placeholder or a wildcard in it. */
const namedFile =
  /(?<![#\w/.-])((?:src|test|scripts|proto|docs|bench|gen)\/[\w./-]*[\w/])(?![\w*<{/-]|\.\w)/g;
