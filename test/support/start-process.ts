import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { freePorts } from "./start-app.ts";

export interface RunningProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly grpc: string;
  readonly http: string;
  /** Events logged so far. */
  readonly logged: Record<string, unknown>[];
  readonly exited: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Tiffin as users run it: a process of its own. */
export async function startProcess(
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const { child, exited: ended } = spawnMain(env);
  const logged: Record<string, unknown>[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  // The last lines may still be on their way when the process is gone.
  const read = once(lines, "close");
  const exited = ended.then(async (end) => {
    await read;
    return end;
  });
  const serving = Promise.withResolvers<Record<string, unknown>>();
  lines.on("line", (line) => {
    const event = JSON.parse(line) as Record<string, unknown>;
    logged.push(event);
    if (event["msg"] === "serving") serving.resolve(event);
  });
  void exited.then(({ stderr }) => serving.reject(new Error(`it ended: ${stderr}`)));
  const addresses = (await serving.promise) as unknown as { grpc: string[]; http: string[] };
  return {
    child,
    exited,
    logged,
    grpc: addresses.grpc[0] ?? "",
    http: addresses.http[0] ?? "",
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** The process, and how it ends. Of this environment it gets none of Tiffin's variables but those given. */
export function spawnMain(env: Readonly<Record<string, string>>): {
  readonly child: ChildProcess;
  readonly exited: RunningProcess["exited"];
} {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, ["src/main.ts"], {
    env: { PATH, ...freePorts, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  const exited = once(child, "close").then(([code]) => ({ code, stderr }));
  return { child, exited };
}
