import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a program that ends by itself and answers what it printed. */
export async function runToEnd(
  command: string,
  programArguments: readonly string[],
): Promise<string> {
  const { stdout } = await run(command, programArguments, {
    maxBuffer: 64 * 1024 * 1024,
    timeout: endsWithinMs,
    killSignal: "SIGKILL",
  });
  return stdout;
}

/** Whether a program is installed. */
export async function isInstalled(command: string): Promise<boolean> {
  try {
    await run("sh", ["-c", `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

const endsWithinMs = 300_000;
