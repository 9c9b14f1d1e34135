/** The whole server on a file, as users run it: no id of a session is in anything that somebody could copy. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { runCommand } from "../cli/run-command.ts";
import { openClient, transportNames } from "../support/clients.ts";
import { type RunningProcess, startProcess } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

// Processes are started, on a machine that others may use too.
vi.setConfig({ testTimeout: 120_000 });

test("no id is in the database, its log, what the server prints, or an export: while it runs, when it has stopped, and after a crash", async () => {
  const [folder, copies] = [temporaryFolder(), temporaryFolder()];
  const env = { TIFFIN_STORE_URL: `sqlite:${join(folder, "store.db")}`, TIFFIN_LOG_LEVEL: "trace" };
  const known: Known = { ids: [], handles: [] };
  const printed: string[] = [];
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    await using running = await startProcess(env);
    await useMany(running, known);
    const names = readdirSync(folder);
    expect(names).toEqual(expect.arrayContaining(["store.db", "store.db-shm", "store.db-wal"]));
    expectNoneIn(known.ids, filesIn(folder));
    const file = join(copies, `${signal}.tiffin`);
    const exported = await runCommand(["export", file, "--address", running.grpc]);
    expect(exported.code, exported.stderr).toBe(0);
    running.child.kill(signal);
    const { stderr } = await running.exited;
    printed.push(JSON.stringify(running.logged), stderr);
  }
  // That there is something to find: what may be seen of the same sessions is in each of them.
  const [session = ""] = known.handles;
  const database = filesIn(folder);
  expect(database.some(({ bytes }) => bytes.includes(session))).toBe(true);
  expect(filesIn(copies).every(({ bytes }) => bytes.includes("subject-of-a-session"))).toBe(true);
  const logs = printed.map((text, at) => ({ name: `output ${at}`, bytes: Buffer.from(text) }));
  expect(logs[0]?.bytes.includes("SessionService/Rotate")).toBe(true);
  expectNoneIn(known.ids, [...database, ...filesIn(copies), ...logs]);
});

test("no id is in the heap of a server that has answered it", async () => {
  const folder = temporaryFolder();
  const NODE_OPTIONS = `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`;
  await using running = await startProcess({ NODE_OPTIONS });
  const known: Known = { ids: [], handles: [] };
  await useMany(running, known);
  // What the last calls left behind makes way for others.
  const { client, close } = openClient(KeyValueService, "grpc", running);
  for (let each = 0; each < 100; each++) {
    await client.set({ key: "a", value: { kind: { case: "text", value: "x" } } });
  }
  close();
  running.child.kill("SIGUSR2");
  await until(() => readdirSync(folder).some((name) => isWhole(join(folder, name))));
  const [snapshot] = filesIn(folder);
  expect(snapshot?.bytes.includes(known.handles[0] ?? "")).toBe(true);
  expectNoneIn(known.ids, filesIn(folder));
});

interface Known {
  /** Every id there ever was. */
  readonly ids: string[];
  /** Of sessions that live on. */
  readonly handles: string[];
}

interface Copied {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Everything that is done with sessions, over every transport, with failures. */
async function useMany(running: RunningProcess, known: Known): Promise<void> {
  for (const transport of transportNames) {
    const { client, close } = openClient(SessionService, transport, running);
    for (let each = 0; each < 5; each++) await use(client, known);
    close();
  }
}

async function use(client: Client<typeof SessionService>, known: Known): Promise<void> {
  const subject = "subject-of-a-session";
  const created = await client.create({ subject, data: { a: 1 } });
  const { sessionId: first } = created;
  await client.touch({ sessionId: first });
  await client.update({ sessionId: first, change: { case: "mergePatch", value: { b: 2 } } });
  const { sessionId: second } = await client.rotate({ sessionId: first });
  const refused = [
    client.rotate({ sessionId: first }),
    client.get({ sessionId: `${second}=` }),
    client.update({ sessionId: second }),
    client.rotate({ sessionId: second, subject, grace: { seconds: 1n } }),
  ];
  const answered = (await Promise.allSettled(refused)).map(({ status }) => status);
  expect(answered).toEqual(refused.map(() => "rejected"));
  const { sessionId: third } = await client.rotate({ sessionId: second, subject });
  const { sessionId: fourth } = await client.rotate({ sessionId: third });
  await client.get({ sessionId: third });
  const ended = (await client.create({ subject })).sessionId;
  await client.delete({ sessionId: ended });
  await client.delete({ sessionId: ended });
  known.ids.push(first, second, third, fourth, ended);
  known.handles.push(created.session?.handle ?? "");
}

/** Neither its text nor its bytes, nor those in hex or the other base64. */
function expectNoneIn(ids: readonly string[], copied: readonly Copied[]): void {
  const found: string[] = [];
  for (const id of ids) {
    const bytes = Buffer.from(id, "base64url");
    const hex = bytes.toString("hex");
    const forms = [id, bytes, hex, hex.toUpperCase(), bytes.toString("base64"), id.slice(0, 20)];
    for (const { name, bytes: whole } of copied) {
      if (forms.some((form) => whole.includes(form))) found.push(name);
    }
  }
  expect(found).toEqual([]);
}

const filesIn = (folder: string): Copied[] =>
  readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));

/** Whether a snapshot has been written to its end. */
function isWhole(path: string): boolean {
  const { size } = statSync(path);
  const file = openSync(path, "r");
  const end = Buffer.alloc(16);
  readSync(file, end, 0, end.length, Math.max(0, size - end.length));
  closeSync(file);
  return end.toString().replaceAll("\0", "").trimEnd().endsWith("]}");
}
