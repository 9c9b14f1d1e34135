import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testNeeding } from "../support/needs.ts";
import { startProcess } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

/** The command line as users run it. */
async function tiffin(
  ...args: string[]
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return await run(process.execPath, ["src/cli/main.ts", ...args]);
}

async function run(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

test("moves from one server to another, over TCP and a Unix socket, with a token", async () => {
  const folder = temporaryFolder();
  const [file, token, other] = ["it.tiffin", "token", "other"].map((name) => join(folder, name));
  writeFileSync(token as string, "a-token-of-some-length\n");
  writeFileSync(other as string, "a-token-of-another-kind\n");
  await using from = await startProcess({ TIFFIN_AUTH_TOKEN_FILE: token as string });
  const socket = `unix:${join(folder, "socket")}`;
  await using to = await startProcess({
    TIFFIN_GRPC_ADDRESS: socket,
    TIFFIN_STORE_URL: `sqlite:${join(folder, "it.db")}`,
  });
  expect(to.grpc).toBe(socket);
  const [address, secret] = [
    ["--address", from.grpc],
    ["--token-file", token as string],
  ] as const;
  const [none, wrong, right] = await Promise.all([
    tiffin(...address, "info"),
    tiffin(...address, "--token-file", other as string, "info"),
    tiffin(...address, ...secret, "export", file as string),
  ]);
  const refused = "tiffin: the bearer token is missing or wrong [UNAUTHENTICATED]\n";
  for (const failed of [none, wrong]) {
    expect(failed).toEqual({ code: 1, stdout: "", stderr: refused });
  }
  expect(right.code).toBe(0);
  const taken = await tiffin("--address", socket, "import", file as string);
  expect(taken).toMatchObject({ code: 0, stdout: expect.stringContaining("default: replaced") });
  const check = await tiffin("--address", socket, "check");
  expect(check).toEqual({ code: 0, stdout: "nothing is damaged\n", stderr: "" });
}, 60_000);

test("wrong usage ends with 2", async () => {
  expect(await tiffin("frob")).toMatchObject({ code: 2, stdout: "" });
});

testNeeding(["script"], "on a terminal a bar shows how far it is", async () => {
  const folder = temporaryFolder();
  await using server = await startProcess();
  const command = `${process.execPath} src/cli/main.ts --address ${server.grpc} export ${join(folder, "x")}`;
  const { code, stdout } = await run("script", ["-qec", command, "/dev/null"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/exporting \[#{40}\] 100 % \d+ bytes/);
  expect(stdout).toContain("exported 1 tenant, 1 record, ");
});

test("an import that is interrupted by a signal ends at once, and says how to go on", async () => {
  const folder = temporaryFolder();
  await using server = await startProcess();
  const file = join(folder, "it.tiffin");
  expect((await tiffin("--address", server.grpc, "export", file)).code).toBe(0);
  const args = ["src/cli/main.ts", "--address", server.grpc, "import", "-"];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  // All of the file, and not its end: the import waits for what may come.
  createReadStream(file).pipe(child.stdin, { end: false });
  await until(async () => {
    const metrics = await (await fetch(`http://${server.http}/metrics`)).text();
    return Number(/^tiffin_store_records (\d+)/m.exec(metrics)?.[1]) >= 4;
  });
  child.kill("SIGINT");
  const [code] = await once(child, "close");
  expect(code).toBe(1);
  expect(stderr).toMatch(/interrupted: within a day the same command goes on where it was/);
});
