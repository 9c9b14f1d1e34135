import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ServerProcess extends AsyncDisposable {
  readonly grpc: string;
  readonly http: string;
}

/** Starts a server as a process of its own, on free ports, and waits until it says that it serves. */
export async function startServerProcess(
  entryPoint: string,
  {
    cwd,
    nodeOptions = [],
    env = {},
  }: {
    readonly cwd: string;
    readonly nodeOptions?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...nodeOptions, entryPoint], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      TIFFIN_GRPC_ADDRESS: "127.0.0.1:0",
      TIFFIN_HTTP_ADDRESS: "127.0.0.1:0",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { grpc, http } = await serving(child);
  return { grpc, http, [Symbol.asyncDispose]: () => stop(child) };
}

async function serving(child: ChildProcess): Promise<{ grpc: string; http: string }> {
  if (child.stdout === null) throw new Error("the server's output goes elsewhere");
  for await (const line of createInterface(child.stdout)) {
    const event = JSON.parse(line) as { msg: string; grpc: string[]; http: string[] };
    const { grpc = [], http = [] } = event;
    if (event.msg !== "serving" || grpc[0] === undefined || http[0] === undefined) continue;
    child.stdout.resume(); // what it logs from here on is not read, and must not fill the pipe
    return { grpc: grpc[0], http: http[0] };
  }
  throw new Error("the server ended before it served");
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await exited;
  if (code !== 0) throw new Error(`the server ended with ${code}`);
}
