/** The README is true to the word: its snippets are run in order against a server, and print what it says they print. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { banner } from "../src/observability/banner.ts";
import { commandFor, type Need, testNeeding } from "./support/needs.ts";
import { projectRoot, textOf } from "./support/project-files.ts";
import { type ServerProcess, startServerProcess } from "./support/server-process.ts";
import { type Snippet, snippetsOf } from "./support/snippets.ts";

const run = promisify(execFile);
const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
let server: ServerProcess;

beforeAll(async () => {
  const [node, entryPoint = ""] = (scripts["start"] ?? "").split(" ");
  expect(node).toBe("node");
  server = await startServerProcess(entryPoint, { cwd: projectRoot });
});
afterAll(() => server[Symbol.asyncDispose]());

const snippets = snippetsOf(textOf("README.md"));

test("the README starts, tests, sets and gets as it is known to", () => {
  expect(snippets.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      "npm ci && npm start",
      "npm ci && npm test",
      `grpcurl -plaintext -d '{"key":"session123","value":{"json":{"userId":1,"username":"Alice"}}}' 127.0.0.1:50051 tiffin.kv.v1.KeyValueService/Set`,
      `curl -s 127.0.0.1:8080/tiffin.kv.v1.KeyValueService/Get -H 'content-type: application/json' -d '{"key":"session123"}'`,
    ]),
  );
});

test("what the server tells a terminal to try is what the README shows", () => {
  const shown = banner({ grpc: ["127.0.0.1:50051"], http: ["127.0.0.1:8080"] });
  const calls = snippets.filter(({ text }) => /^(grpcurl|curl) /.test(text));
  expect(calls.length).toBe(2);
  for (const { text } of calls) expect(shown).toContain(text);
});

for (const snippet of snippets) testSnippet(snippet);

/** A test for every snippet; for one that no rule here knows how to run, a test that fails. */
function testSnippet(snippet: Snippet): void {
  const { language, text } = snippet;
  const need = language === "sh" ? shellNeedOf(text) : undefined;
  if (need !== undefined) {
    testShell(snippet, need);
    if (text.startsWith("grpcurl ")) testWithBuf(snippet);
  } else if (language === "ts") {
    test(`README: line ${snippet.line}, TypeScript`, async () => {
      expectOutput(await runTypeScript(text), snippet);
    });
  } else if (text.startsWith("npm run tiffin -- ")) {
    test(`README: ${text}`, async () => expectOutput(anyNumber(await runTiffin(text)), snippet));
  } else if (language === "sh" && text.startsWith("TIFFIN_STORE_URL=")) {
    test(`README: ${text}`, () => expectToStay(text));
  } else if (language === "sh" && text.startsWith("npm ")) {
    test(`README: ${text}`, () => expectScripts(text));
  } else {
    test(`README: line ${snippet.line}, ${language}: ${text}`, () => {
      throw new Error("no rule says how to run this snippet");
    });
  }
}

/** With what a snippet calls the server: a single call, or a session's life, each line of which needs what the one before it printed. */
function shellNeedOf(text: string): "grpcurl" | "curl" | undefined {
  const call = /^(?:id=\$\(|call\(\) \{ )?(grpcurl|curl) /.exec(text)?.[1];
  return call as "grpcurl" | "curl" | undefined;
}

function testWithBuf(snippet: Snippet): void {
  test(`README: ${snippet.text} (through buf curl)`, async () => {
    expectOutput(await runWithBuf(snippet.text), snippet);
  });
}

/** `npm ci` itself is what CI begins with, and the script behind `npm start` what this file starts. */
function expectScripts(text: string): void {
  for (const command of text.split(" && ")) {
    const script = /^npm (?:run )?(\S+)$/.exec(command)?.[1];
    if (script !== "ci") expect(Object.keys(scripts)).toContain(script);
  }
}

/** What a server that was started so is told, it still knows when it is started again. */
async function expectToStay(text: string): Promise<void> {
  const [name = "", value = ""] = (text.split(" ")[0] ?? "").split("=");
  const cwd = mkdtempSync(join(tmpdir(), "tiffin-readme-"));
  const entryPoint = join(projectRoot, scripts["start"]?.split(" ")[1] ?? "");
  try {
    for (const visits of [1n, 2n, 3n]) {
      await using started = await startServerProcess(entryPoint, { cwd, env: { [name]: value } });
      const transport = createGrpcTransport({ baseUrl: `http://${started.grpc}` });
      const { integer } = await createClient(KeyValueService, transport).increment({
        key: "visits",
      });
      expect(integer).toBe(visits);
    }
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** The command itself, in a folder of its own, on the server that was started here. */
async function runTiffin(text: string): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), "tiffin-readme-"));
  const entryPoint = join(projectRoot, scripts["tiffin"]?.split(" ")[1] ?? "");
  const parameters = text.replace("npm run tiffin -- ", "").split(" ");
  try {
    const command = [entryPoint, "--address", server.grpc, ...parameters];
    return (await run(process.execPath, command, { cwd })).stdout;
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

function testShell(snippet: Snippet, command: Need): void {
  testNeeding([command], `README: ${snippet.text.split("\n", 1)[0]}`, async () => {
    const folder = dirname(commandFor(command) ?? "");
    const env = { ...process.env, PATH: `${process.env["PATH"]}${delimiter}${folder}` };
    const { stdout } = await run("sh", ["-c", here(snippet.text)], { env });
    expectOutput(stdout, snippet);
  });
}

/** The same call as grpcurl's, by a client that npm brings. */
async function runWithBuf(text: string): Promise<string> {
  const call = /^grpcurl -plaintext -d '(?<data>[^']*)' (?<address>\S+) (?<method>\S+)$/.exec(text);
  const { data = "", address, method } = call?.groups ?? {};
  const url = here(`http://${address}/${method}`);
  const options = ["--protocol", "grpc", "--http2-prior-knowledge", "--data", data];
  const buf = join(projectRoot, "node_modules/.bin/buf");
  return (await run(buf, ["curl", ...options, url])).stdout;
}

/** As a file of its own, in a folder that has what a clone has. */
async function runTypeScript(text: string): Promise<string> {
  const clone = mkdtempSync(join(tmpdir(), "tiffin-readme-"));
  try {
    cpSync(join(projectRoot, "package.json"), join(clone, "package.json"));
    for (const name of ["gen", "node_modules"]) {
      symlinkSync(join(projectRoot, name), join(clone, name));
    }
    writeFileSync(join(clone, "hello.ts"), here(text));
    return (await run(process.execPath, ["hello.ts"], { cwd: clone })).stdout;
  } finally {
    rmSync(clone, { recursive: true });
  }
}

/** The addresses of the README, replaced by those of the server that was started here. */
const here = (text: string): string =>
  text.replaceAll("127.0.0.1:50051", server.grpc).replaceAll("127.0.0.1:8080", server.http);

function expectOutput(actual: string, { output }: Snippet): void {
  if (output === undefined) throw new Error("the README does not say what this prints");
  const { language, text } = output;
  if (language === "json")
    expect(JSON.parse(anyRevision(actual))).toEqual(JSON.parse(anyRevision(text)));
  else expect(anySession(actual).trim()).toBe(anySession(text).trim());
}

/** How much is exported depends on which snippets ran before. */
const anyNumber = (text: string): string =>
  text.replace(/\d+ records, \d+ bytes/, "5 records, 631 bytes");

/** A session's handle and times are others each time. */
const anySession = (text: string): string =>
  anyRevision(text)
    .replaceAll(/(?<="handle": ?")[\w-]{22}(?=")/g, "<handle>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}(\.\d+)?Z/g, "<time>");

/** Revisions are microseconds since 1970: sixteen digits, and other ones each time. */
const anyRevision = (text: string): string => text.replaceAll(/\b\d{16}(?=n?\b)/g, "<revision>");
