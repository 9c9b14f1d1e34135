import { enableCompileCache } from "node:module";

// Before anything else is imported: it keeps what Node makes of the sources, and shortens the next start.
enableCompileCache();
const { createProgram } = await import("./program.ts");
const { runProgram } = await import("./run-program.ts");

const leaving = new AbortController();
const terminal = { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin };

// The first one lets a command say how to go on; whoever sends a second one does not want to wait for that.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (leaving.signal.aborted) process.exit(1);
    leaving.abort();
  });
}
// Who reads a part of what is printed and leaves, as `head` does, has read enough.
process.stdout.on("error", () => process.exit(1));

process.exitCode = await runProgram(
  createProgram({ ...terminal, signal: leaving.signal }),
  process.argv.slice(2),
  process.stderr,
);
