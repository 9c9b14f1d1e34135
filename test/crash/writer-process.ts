import type { ChildProcess } from "node:child_process";
import { enter, type Ledger, type Line } from "./ledger.ts";
import { type Program, type ProgramEnd, runProgram } from "./run-program.ts";
import type { WriterOptions } from "./writing.ts";

export interface WriterEnd extends ProgramEnd {
  /** How many lines of each kind it told. */
  readonly told: Readonly<Record<Line["tells"], number>>;
  /** Why it failed, if it did. */
  readonly why: string;
}

/** Runs a writer to its end, and enters what it tells into the ledger. `onLine` sees each line, and may kill the process. */
export async function runWriter(
  { options, under = [] }: { readonly options: WriterOptions } & Pick<Program, "under">,
  ledger: Ledger,
  onLine: (line: Line, child: ChildProcess) => void = () => undefined,
): Promise<WriterEnd> {
  let why = "";
  const told = { ...nothingTold };
  const end = await runProgram<Line>(
    { file: "writer.ts", argument: options, under },
    (line, child) => {
      told[line.tells]++;
      if (line.tells === "failed") why += line.why;
      enter(ledger, line);
      onLine(line, child);
    },
  );
  return { ...end, told, why: why + end.stderr };
}

const nothingTold = {
  opening: 0,
  opened: 0,
  batch: 0,
  attempted: 0,
  handed: 0,
  acknowledged: 0,
  refused: 0,
  failed: 0,
  done: 0,
};
