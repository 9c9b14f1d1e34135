/** The program of docs/analytics.md that uses an engine without the server: its types are checked, and it prints what it says. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot, textOf } from "../support/project-files.ts";
import { snippetsOf } from "../support/snippets.ts";

const { exports } = JSON.parse(textOf("package.json")) as { exports: Record<string, string> };
const [program = ""] = snippetsOf(textOf("docs/analytics.md"))
  .filter(({ language }) => language === "ts")
  .map(({ text }) => text);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tiffin-library-"));
  for (const name of ["node_modules", "src", "gen", "package.json"]) {
    symlinkSync(join(projectRoot, name), join(folder, name));
  }
  writeFileSync(join(folder, "library.ts"), program.replaceAll(/"tiffin(\/[^"]+)"/g, sourceOf));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("its types are right", () => {
  const tsc = join(projectRoot, "node_modules/.bin/tsc");
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
  const own = ["--allowImportingTsExtensions", "--erasableSyntaxOnly", "--types", "node"];
  const { stdout } = spawnSync(tsc, [...options, ...own, "--ignoreConfig", "library.ts"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});

test("it prints what it says", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["library.ts"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const said = [...program.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  expect(stdout.trimEnd().split("\n")).toEqual(said);
});

/** The source of what the package publishes under the name; test/build.test.ts imports what is built. */
function sourceOf(_name: string, path: string): string {
  const built = exports[`.${path}`] ?? `nothing is published as ${path}`;
  return JSON.stringify(built.replace("/dist/", "/").replace(/\.js$/, ".ts"));
}
