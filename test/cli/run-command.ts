import { Readable, Writable } from "node:stream";
import { createProgram } from "../../src/cli/program.ts";
import { runProgram } from "../../src/cli/run-program.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

interface RunOptions {
  readonly stdin?: Readable;
  readonly signal?: AbortSignal;
  /** Called when something is written to the standard error. */
  readonly onProgress?: () => void;
}

/** Runs the command line within this process, where many runs cost little. */
export async function runCommand(
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  const { stdin = Readable.from([]), signal = new AbortController().signal } = options;
  const stdout = collecting();
  const stderr = collecting(options.onProgress);
  const program = createProgram({ stdin, stdout: stdout.stream, stderr: stderr.stream, signal });
  const code = await runProgram(program, args, stderr.stream);
  return { code, stdout: stdout.bytes(), stderr: stderr.bytes().toString() };
}

function collecting(onWrite?: () => void): { readonly stream: Writable; bytes(): Buffer } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      onWrite?.();
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}
