/** The package as its users get it: built, imported by name by a plain Node, with nothing but what its manifest asks for. */
import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildClient } from "../../scripts/build-client.ts";
import { projectRoot, textOf } from "../support/project-files.ts";
import { snippetsOf } from "../support/snippets.ts";
import { startApp } from "../support/start-app.ts";

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(textOf("gen/typescript/package.json")) as Manifest;
const project = JSON.parse(textOf("package.json")) as Manifest;
const entries = Object.keys(manifest.exports).filter((path) => !path.includes("*"));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tiffin-package-"));
  const installed = join(folder, "node_modules", manifest.name);
  mkdirSync(installed, { recursive: true });
  cpSync(join(projectRoot, "gen/typescript/package.json"), join(installed, "package.json"));
  buildClient(join(installed, "dist"));
  for (const name of Object.keys(manifest.dependencies)) link(name);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("its dependencies are the project's, so that it is tested with those it asks for", () => {
  expect(project.dependencies).toMatchObject(manifest.dependencies);
});

test("every entry can be imported by its name, and express-session is not needed for any", async () => {
  const names = [...entries, "./tiffin/kv/v1/watch_pb"].map((path) => nameOf(path));
  const imports = names.map((name) => `console.log(Object.keys(await import("${name}")).length);`);
  const printed = await run(imports.join("\n"));
  // `store` and `session-backend` hold types alone.
  expect(printed.split("\n").map((count) => count !== "0")).toEqual(
    names.map((name) => !/\/(store|session-backend)$/.test(name)),
  );
});

test("an application that is no module can require it", async () => {
  const required = `require("${manifest.name}/tiffin-session").TiffinSession.name`;
  const printed = await run(
    `import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    console.log(${required});`,
  );
  expect(printed).toBe("TiffinSession");
});

test("what is no entry cannot be imported", async () => {
  await expect(run(`await import("${manifest.name}/dist/lib/key-locks.js")`)).rejects.toThrow(
    "ERR_PACKAGE_PATH_NOT_EXPORTED",
  );
});

test("its declarations carry types: the README's snippets and a stranger's mistakes are checked", () => {
  writeReadme();
  writeFileSync(join(folder, "mistakes.mts"), mistakes);
  const tsc = join(projectRoot, "node_modules/.bin/tsc");
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
  const files = ["readme.mts", "mistakes.mts"];
  const checked = spawnSync(tsc, [...options, "--types", "node", ...files], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(checked.stdout).toBe("");
});

test("the README's snippets do what they say", async () => {
  await using server = await startApp();
  writeReadme(server.target.http);
  const printed = await runNode(["readme.mts"]);
  expect(printed.split("\n")).toEqual(promised());
});

/** The snippets in their order, as one program. */
const readme = (): string =>
  snippetsOf(textOf("gen/typescript/README.md"))
    .map(({ text }) => text)
    .join("\n");

/** What the snippets print, as the comments at the ends of their lines say. */
const promised = (): string[] =>
  [...readme().matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said = ""]) => said);

/** What could not be resolved is `any`, which would allow everything. */
const mistakes = `
import { toSeriesQuery } from "@tiffin/client/analytics-query";
import { MemoryStore } from "@tiffin/client/memory-store";
import type { Store } from "@tiffin/client/store";
import { StoreSessionBackend } from "@tiffin/client/store-session-backend";
import { TiffinSession } from "@tiffin/client/tiffin-session";
const store: Store<number> = new MemoryStore<number>();
// @ts-expect-error
await store.set("key", "text");
// @ts-expect-error
store.nothing;
const session = new TiffinSession<{ cart: { n: number } }>(new StoreSessionBackend(new MemoryStore()));
await session.update("id", { cart: { n: null } });
// @ts-expect-error
await session.update("id", { cart: { m: 1 } });
// @ts-expect-error
session.setCookie({}, "id");
session.setCookie(new Response(), "id");
toSeriesQuery({ granularity: "monthly", metrics: [], select: {} }).timeZone = "Europe/Berlin";
// @ts-expect-error
toSeriesQuery({ granularity: "yearly", metrics: [], select: {} });
// @ts-expect-error
toSeriesQuery({ granularity: "monthly", metrics: [], select: {}, start: "2026-01-01" });
`;

const nameOf = (path: string): string => `${manifest.name}${path.slice(1)}`;

function link(name: string): void {
  const path = join(folder, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(join(projectRoot, "node_modules", name), path);
}

/** Its program, and what its users bring. */
function writeReadme(server = "127.0.0.1:8080"): void {
  for (const name of ["@connectrpc/connect-node", "express", "express-session", "@types"]) {
    link(name);
  }
  writeFileSync(join(folder, "readme.mts"), readme().replace("127.0.0.1:8080", server));
}

/** What a program of JavaScript prints. */
async function run(program: string): Promise<string> {
  writeFileSync(join(folder, "program.mjs"), program);
  return await runNode(["--no-experimental-strip-types", "program.mjs"]);
}

async function runNode(options: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: folder });
  return stdout.trimEnd();
}
