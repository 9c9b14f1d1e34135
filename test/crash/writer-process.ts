import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot } from "../support/project-files.ts";
import { enter, type Ledger, type Line } from "./ledger.ts";
import type { WriterOptions } from "./writing.ts";

export interface WriterEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** How many lines of each kind it told. */
  readonly told: Readonly<Record<Line["tells"], number>>;
  readonly why: string;
}

/**
 * Runs a writer to its end, and enters what it tells into the ledger. `onLine` sees each line, and may kill the process;
 * what it had written before is still read.
 */
export async function runWriter(
  options: WriterOptions,
  ledger: Ledger,
  onLine: (line: Line, child: ChildProcess) => void = () => undefined,
): Promise<WriterEnd> {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let why = "";
  child.stderr.on("data", (text) => {
    why += text;
  });
  const told = { ...nothingTold };
  const lines = createInterface(child.stdout);
  lines.on("line", (text) => {
    // The last line of a killed process is whole: it is written in one call.
    const line = JSON.parse(text) as Line;
    told[line.tells]++;
    if (line.tells === "failed") why += line.why;
    enter(ledger, line);
    onLine(line, child);
  });
  try {
    const [[code, signal]] = await Promise.all([once(child, "close"), once(lines, "close")]);
    return { code, signal, told, why };
  } finally {
    child.kill("SIGKILL");
  }
}

const nothingTold = {
  opening: 0,
  opened: 0,
  attempted: 0,
  handed: 0,
  acknowledged: 0,
  refused: 0,
  failed: 0,
  done: 0,
};
const program = join(projectRoot, "test/crash/writer.ts");
