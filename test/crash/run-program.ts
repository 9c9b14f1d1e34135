import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot } from "../support/project-files.ts";

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Program {
  /** In test/crash. */
  readonly file: string;
  /** Given as JSON. */
  readonly argument: object;
  /** What it is run by, strace for one. */
  readonly under?: readonly string[];
}

/** Runs a program of the crash tests to its end; `onLine` gets what it tells, and may kill it. What it told before is still read. */
export async function runProgram<Line>(
  { file, argument, under = [] }: Program,
  onLine: (line: Line, child: ChildProcess) => void,
): Promise<ProgramEnd> {
  const program = join(projectRoot, "test/crash", file);
  const [command = "", ...rest] = [...under, process.execPath, program, JSON.stringify(argument)];
  // Its input ends with this process: a program that is waiting to be killed ends then.
  const child = spawn(command, rest, { stdio: ["pipe", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const lines = createInterface(child.stdout);
  lines.on("line", (text) => onLine(JSON.parse(text) as Line, child));
  try {
    const [[code, signal]] = await Promise.all([once(child, "close"), once(lines, "close")]);
    return { code, signal, stderr };
  } finally {
    child.kill("SIGKILL");
  }
}
