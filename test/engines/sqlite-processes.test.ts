/** A file of the SQLite engine has one server: a second process is refused, and finds out who has it. */
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { spawnMain, startProcess } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function call(http: string, method: string, body: object): Promise<unknown> {
  const response = await fetch(`http://${http}/tiffin.kv.v1.KeyValueService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return await response.json();
}

test("a second process is refused with the file and the process that has it, until that is gone, however it went", async () => {
  const path = join(temporaryFolder(), "tiffin.db");
  const env = { TIFFIN_STORE_URL: `sqlite:${path}` };
  await using first = await startProcess(env);
  await call(first.http, "Set", { key: "a", value: { text: "kept" } });

  const { code, stderr } = await spawnMain(env).exited;
  expect(code).toBe(1);
  expect(stderr).toContain(`the store ${path} cannot be opened`);
  expect(stderr).toContain(`process ${first.child.pid} on ${hostname()}`);
  expect(stderr).not.toMatch(/^ {4}at |Warning/m);

  first.child.kill("SIGKILL");
  expect((await first.exited).stderr).toBe(""); // not even a warning about a feature that is new
  await using second = await startProcess(env);
  expect(await call(second.http, "Get", { key: "a" })).toMatchObject({
    entry: { value: { text: "kept" } },
  });
});
