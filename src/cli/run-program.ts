import { type Command, CommanderError } from "commander";
import { lineOf } from "./command-failed.ts";

/** Runs what the arguments say. 0: well; 1: it failed; 2: it was asked for wrongly. */
export async function runProgram(
  program: Command,
  args: readonly string[],
  stderr: NodeJS.WritableStream,
): Promise<number> {
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const line = lineOf(error);
    stderr.write(line === undefined ? `${(error as Error).stack}\n` : `tiffin: ${line}\n`);
    return 1;
  }
}
