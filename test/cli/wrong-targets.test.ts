import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startApp } from "../support/start-app.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runCommand } from "./run-command.ts";

test("the address of HTTP instead of gRPC is told in one line, by a process that ends by itself", async () => {
  await using running = await startApp();
  const { code, stderr } = await runCommand(["--address", running.target.http, "stats"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tiffin: cannot reach the server: .*\n$/);
});

test("an export from a socket that is not there is told in one line, and leaves nothing", async () => {
  const folder = temporaryFolder();
  const address = ["--address", `unix:${join(folder, "none")}`];
  const failed = await runCommand([...address, "export", join(folder, "it.tiffin")]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^tiffin: cannot reach the server: .*\n$/);
  expect(readdirSync(folder)).toEqual([]);
  expect((await runCommand([...address, "export", "-"])).stdout).toHaveLength(0);
});

test("a folder given for a file is named", async () => {
  await using running = await startApp();
  const folder = temporaryFolder();
  const { code, stderr } = await runCommand(["--address", running.target.grpc, "import", folder]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `tiffin: ${folder}: is a folder\n` });
});
