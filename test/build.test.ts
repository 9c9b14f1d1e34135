import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../scripts/build.ts";
import { filesBelow, projectRoot } from "./support/project-files.ts";
import { startServerProcess } from "./support/server-process.ts";

let folder: string;
let output: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tiffin-build-"));
  output = join(folder, "dist");
  symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
  build(output);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("the build is JavaScript with declarations, without tests", () => {
  const sources = filesBelow("src").filter((path) => /(?<!\.test)\.ts$/.test(path));
  for (const path of sources) {
    const base = join(output, path.slice(0, -".ts".length));
    expect(readFileSync(`${base}.js`, "utf8")).not.toMatch(/"\.{1,2}\/[^"]*\.ts"/);
    expect(readFileSync(`${base}.d.ts`, "utf8")).toBeTypeOf("string");
  }
  expect(() => readFileSync(join(output, "src/store/decorators/keyed-locks.test.js"))).toThrow();
});

test("the built server starts without stripping types, and answers", async () => {
  await using server = await startServerProcess(join(output, "src/main.js"), {
    cwd: folder,
    nodeOptions: ["--no-experimental-strip-types"],
  });
  const call = async (method: string, body: object): Promise<unknown> => {
    const response = await fetch(`http://${server.http}/tiffin.kv.v1.KeyValueService/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  await call("Set", { key: "built", value: { text: "and running" } });
  expect(await call("Get", { key: "built" })).toMatchObject({
    entry: { value: { text: "and running" } },
  });
});

test("the declarations carry types, those of the contract included", () => {
  const consumer = join(folder, "consumer.mts");
  writeFileSync(consumer, consumerText);
  const tsc = join(projectRoot, "node_modules/.bin/tsc");
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
  const { stdout } = spawnSync(tsc, [...options, consumer], { cwd: folder, encoding: "utf8" });
  expect(stdout).toBe("");
});

/** What could not be resolved is `any`, which would have everything; so an error is expected where one must be. */
const consumerText = `
import type { App } from "./dist/src/app.js";
import type { createKeyValueService } from "./dist/src/kv/key-value-service.js";
declare const app: App;
declare const service: ReturnType<typeof createKeyValueService>;
export const address: string | undefined = app.addresses.grpc[0];
export const get = service.get;
// @ts-expect-error
app.nothing;
// @ts-expect-error
service.nothing;
`;
