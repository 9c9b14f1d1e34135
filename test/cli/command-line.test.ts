import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Client } from "@connectrpc/connect";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { openClient } from "../support/clients.ts";
import { propertyParameters } from "../support/property.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { runCommand } from "./run-command.ts";

const addressOf = ({ target }: RunningApp): string[] => ["--address", target.grpc];

async function withClient<T>(
  { target }: RunningApp,
  use: (kv: Client<typeof KeyValueService>) => Promise<T>,
): Promise<T> {
  const { client, close } = openClient(KeyValueService, "grpc", target);
  try {
    return await use(client);
  } finally {
    close();
  }
}

const fill = (running: RunningApp, entries = 20): Promise<void> =>
  withClient(running, async (kv) => {
    const value = { kind: { case: "text", value: "x".repeat(60_000) } } as const;
    for (let n = 0; n < entries; n++) await kv.set({ namespace: "n", key: `k${n}`, value });
  });

const countOf = (running: RunningApp): Promise<bigint> =>
  withClient(running, async (kv) => (await kv.count({ namespace: "n" })).count);

describe("export", () => {
  test("writes a file that only its owner reads, whole or not at all, and import takes it in", async () => {
    await using from = await startApp();
    await using to = await startApp();
    await fill(from);
    const folder = temporaryFolder();
    const file = join(folder, "it.tiffin");
    writeFileSync(`${file}.partial`, "left behind");
    chmodSync(`${file}.partial`, 0o666);
    const done = await runCommand([...addressOf(from), "export", file]);
    expect(done.code).toBe(0);
    expect(done.stdout.toString()).toMatch(
      /^exported 1 tenant, 22 records, 1\.1 MiB, as of revision \d+\n$/,
    );
    expect(done.stderr).toMatch(/^exporting \d+ %, .*\n/);
    expect(readdirSync(folder)).toEqual(["it.tiffin"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).toString("latin1").split("\n", 1)).toEqual(["tiffin-export 1"]);
    const taken = await runCommand([...addressOf(to), "import", file]);
    expect(taken).toMatchObject({ code: 0 });
    expect(taken.stdout.toString()).toBe("imported 1 tenant, 22 records\n  default: replaced\n");
    expect(await countOf(to)).toBe(20n);
  });

  test("replaces no file unless it is forced to, and no folder", async () => {
    await using running = await startApp();
    const folder = temporaryFolder();
    const file = join(folder, "it.tiffin");
    writeFileSync(file, "mine");
    const refused = await runCommand([...addressOf(running), "export", file]);
    expect(refused).toMatchObject({
      code: 1,
      stderr: `tiffin: ${file}: is there already; --force replaces it\n`,
    });
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect((await runCommand([...addressOf(running), "export", file, "--force"])).code).toBe(0);
    expect(readFileSync(file, "utf8")).not.toBe("mine");
    mkdirSync(join(folder, "sub"));
    const onFolder = await runCommand([
      ...addressOf(running),
      ...["export", join(folder, "sub"), "--force"],
    ]);
    expect(onFolder).toMatchObject({ code: 1 });
    expect(readdirSync(folder).sort()).toEqual(["it.tiffin", "sub"]);
  });

  test("of some tenants takes their names before the file or after it", async () => {
    await using running = await startApp();
    const [first, second] = ["first.tiffin", "second.tiffin"].map((name) =>
      join(temporaryFolder(), name),
    ) as [string, string];
    const before = ["export", "--tenant", "default", first];
    const after = ["export", second, "--tenant", "default"];
    for (const args of [before, after]) {
      expect(await runCommand([...addressOf(running), ...args])).toMatchObject({ code: 0 });
    }
  });

  test("that fails leaves nothing", async () => {
    await using running = await startApp();
    const folder = temporaryFolder();
    const args = ["export", join(folder, "it.tiffin"), "--tenant", "absent"];
    expect(await runCommand([...addressOf(running), ...args])).toMatchObject({
      code: 1,
      stderr: "tiffin: there is no tenant absent [TENANT_NOT_FOUND]\n",
    });
    expect(readdirSync(folder)).toEqual([]);
    await fill(running, 200);
    const interrupted = new AbortController();
    const leaving = runCommand([...addressOf(running), "export", join(folder, "it.tiffin")], {
      signal: interrupted.signal,
      onProgress: () => interrupted.abort(),
    });
    const left = await leaving;
    expect(left).toMatchObject({ code: 1 });
    expect(left.stderr).toMatch(/^tiffin: interrupted: nothing is at .*; run it again/m);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("goes to standard output, and import comes from standard input", async () => {
    await using from = await startApp();
    await using to = await startApp();
    await fill(from);
    const { code, stdout, stderr } = await runCommand([...addressOf(from), "export", "-"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/\nexported 1 tenant, 22 records/);
    const stdin = Readable.from([stdout.subarray(0, 5), stdout.subarray(5)]);
    const taken = await runCommand([...addressOf(to), "import", "-"], { stdin });
    expect(taken.code).toBe(0);
    expect(await countOf(to)).toBe(20n);
  });
});

describe("import", () => {
  test("of a file cut at any byte changes nothing, and says so in a line", async () => {
    await using running = await startApp();
    await fill(running, 3);
    const { stdout: whole } = await runCommand([...addressOf(running), "export", "-"]);
    await using to = await startApp();
    const cuts = fc.asyncProperty(fc.nat({ max: whole.length - 1 }), async (length) => {
      const stdin = Readable.from([whole.subarray(0, length)]);
      const cut = await runCommand([...addressOf(to), "import", "-"], { stdin });
      expect(cut.code).toBe(1);
      expect(cut.stderr).toMatch(/^tiffin: .*(cut|no file that `tiffin export` wrote).*\n$/m);
      expect(await countOf(to)).toBe(0n);
    });
    await fc.assert(cuts, { ...propertyParameters(15), examples: [[0], [15], [16], [17]] });
  });

  test("of a file with any byte altered changes nothing, or imports what was exported", async () => {
    await using running = await startApp();
    await withClient(running, (kv) =>
      kv.set({ namespace: "n", key: "k", value: { kind: { case: "text", value: "v" } } }),
    );
    const { stdout: whole } = await runCommand([...addressOf(running), "export", "-"]);
    await using to = await startApp();
    const byte = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      by: fc.integer({ min: 1, max: 255 }),
    });
    const alterations = fc.asyncProperty(byte, async ({ at, by }) => {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] ?? 0) ^ by;
      const args = ["import", "-", "--when-exists", "replace"];
      const { code } = await runCommand([...addressOf(to), ...args], {
        stdin: Readable.from([altered]),
      });
      const found = await withClient(to, (kv) => kv.get({ namespace: "n", key: "k" }));
      if (code !== 0) return;
      expect(found.entry?.value?.kind.value).toBe("v");
    });
    await fc.assert(alterations, propertyParameters(30));
  });

  test("that is interrupted says how it goes on, and goes on there", async () => {
    await using from = await startApp();
    await using to = await startApp();
    await fill(from, 60);
    const { stdout: whole } = await runCommand([...addressOf(from), "export", "-"]);
    const interrupted = new AbortController();
    async function* halfOf() {
      yield whole.subarray(0, whole.length / 2);
      await until(async () => (await to.app.store.stats()).records > 10);
      interrupted.abort();
      await new Promise(() => undefined);
    }
    const left = await runCommand([...addressOf(to), "import", "-"], {
      stdin: Readable.from(halfOf()),
      signal: interrupted.signal,
    });
    expect(left).toMatchObject({ code: 1 });
    expect(left.stderr).toMatch(/tiffin: interrupted: within a day the same command goes on/);
    expect(await countOf(to)).toBe(0n);
    const done = await runCommand([...addressOf(to), "import", "-"], {
      stdin: Readable.from([whole]),
    });
    expect(done.stdout.toString()).toMatch(/^imported 1 tenant, 62 records, \d+ chunks? of which/);
    expect(await countOf(to)).toBe(60n);
  });

  test("into a tenant with records does as it is told", async () => {
    await using running = await startApp();
    await fill(running, 2);
    const folder = temporaryFolder();
    const file = join(folder, "it.tiffin");
    await runCommand([...addressOf(running), "export", file]);
    const importing = (...more: string[]) =>
      runCommand([...addressOf(running), "import", file, ...more]);
    const refused = await importing();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/there is a tenant default.*\[TENANT_NOT_EMPTY\]/);
    expect((await importing("--when-exists", "keep")).stdout.toString()).toContain(
      "default: merged, 0 written with new versions, 2 left as they were",
    );
    expect((await importing("--when-exists", "overwrite")).stdout.toString()).toContain(
      "default: merged, 2 written with new versions",
    );
    expect((await importing("--when-exists", "replace")).stdout.toString()).toContain("replaced");
    expect(existsSync(file)).toBe(true);
  });
});

describe("mistakes", () => {
  const wrong = [
    [["frob"], /unknown command 'frob'/],
    [["info", "--frob"], /unknown option '--frob'/],
    [["export"], /missing required argument 'file'/],
    [["export", "a", "b"], /too many arguments/],
    [["import", "a", "--when-exists", "frob"], /Allowed choices are refuse, replace, keep/],
    [["--address", "frob", "info"], /expected host:port, or unix:path/i],
  ] as const;
  test.each(wrong)("%j is wrong usage", async (args, message) => {
    const { code, stderr, stdout } = await runCommand(args);
    expect([code, stdout.length]).toEqual([2, 0]);
    expect(stderr).toMatch(message);
  });

  test("help and version are no mistakes", async () => {
    for (const args of [["--help"], ["import", "--help"], ["--version"]]) {
      const { code, stdout, stderr } = await runCommand(args);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout.length).toBeGreaterThan(5);
    }
  });

  test("an absent server and an absent file are told in one line", async () => {
    const folder = temporaryFolder();
    const foreign = join(folder, "foreign");
    writeFileSync(foreign, "something else altogether\n");
    await using running = await startApp();
    const absent = join(folder, "absent");
    const failures = [
      [["--address", "127.0.0.1:1", "info"], "cannot reach the server: nothing listens there"],
      [["--address", `unix:${absent}`, "info"], "cannot reach the server: there is no such file"],
      [["--token-file", absent, "info"], `${absent}: there is no such file`],
      [[...addressOf(running), "import", absent], `${absent}: there is no such file`],
      [[...addressOf(running), "import", foreign], "this is no file that `tiffin export` wrote"],
      [
        [...addressOf(running), "export", join(absent, "x")],
        `${join(absent, "x.partial")}: there is no such file`,
      ],
    ] as const;
    for (const [args, line] of failures) {
      expect(await runCommand(args)).toMatchObject({ code: 1, stderr: `tiffin: ${line}\n` });
    }
  });
});

describe("looking", () => {
  test("tells in tables, and in JSON", async () => {
    await using running = await startApp();
    await fill(running, 2);
    await withClient(running, (kv) =>
      kv.set({ namespace: "a\u001b[2J", key: "k", value: { kind: { case: "text", value: "v" } } }),
    );
    const stats = (await runCommand([...addressOf(running), "stats"])).stdout.toString();
    expect(stats).toMatch(/^TENANT +KIND +NAMESPACE +RECORDS +BYTES\ndefault +\d+ +\d+\n/);
    expect(stats).toContain("a\\u001b[2J");
    expect(stats).toMatch(/\n +n +2 +\d+\n/);
    const asJson = async (command: string) =>
      JSON.parse((await runCommand([...addressOf(running), command, "--json"])).stdout.toString());
    expect(await asJson("stats")).toMatchObject({
      tenants: [{ name: "default", spaces: [{ name: "kv", records: "3" }, { name: "namespace" }] }],
    });
    expect(await asJson("info")).toMatchObject({ engine: "memory", durability: "DURABILITY_NONE" });
    expect(await asJson("check")).toEqual({ ok: true, problems: [], problemCount: "0" });
    const info = (await runCommand([...addressOf(running), "info"])).stdout.toString();
    expect(info).toMatch(/\nengine +memory\n/);
    const check = await runCommand([...addressOf(running), "check"]);
    expect(check.stdout.toString()).toBe("nothing is damaged\n");
  });
});
