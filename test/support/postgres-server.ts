import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { commandFor } from "./needs.ts";

/** A PostgreSQL server of the test's own, in a temporary folder. It loses what it has when the machine fails, not when it is ended. */
export class PostgresServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #databases = 0;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), "tiffin-postgres-"));
    const { uid, gid } = owner();
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    chmodSync(folder, 0o700);
    const options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"];
    const args = ["-D", join(folder, "data"), "--no-sync", ...options];
    const made = spawnSync(join(binFolder(), "initdb"), args, {
      ...owner(),
      cwd: folder,
      encoding: "utf8",
    });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const server = new PostgresServer(folder, await freePort());
    await server.up();
    return server;
  }

  /** Where a database is that no one has used. */
  async newDatabase(): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.run(`create database ${name}`);
    return this.urlOf(name);
  }

  urlOf(database: string): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/${database}`;
  }

  /** One statement, by a connection of its own. */
  async run(statement: string, url = this.urlOf("postgres")): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(statement);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Ends at once every connection, and the server, as after a crash. */
  async down(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill("SIGQUIT");
    if (child.exitCode === null) await once(child, "exit");
  }

  async up(): Promise<void> {
    const settings = ["-c", "fsync=off", "-c", "unix_socket_directories=", "-c", "jit=off"];
    const address = ["-h", "127.0.0.1", "-p", String(this.#port)];
    const child = spawn(
      join(binFolder(), "postgres"),
      ["-D", join(this.#folder, "data"), ...address, ...settings],
      { ...owner(), cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#child = child;
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line);
      if (line.includes("database system is ready to accept connections")) {
        child.stderr.resume();
        return;
      }
    }
    throw new Error(`postgres ended: ${lines.join("\n")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Where the server's programs are: what is on the PATH may be a link there. */
const binFolder = (): string => dirname(realpathSync(commandFor("postgres") as string));

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
function owner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const number = (option: string): number =>
    Number(spawnSync("id", [option, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: number("-u"), gid: number("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
