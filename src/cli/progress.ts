import { clearLine, cursorTo } from "node:readline";
import { bytesInWords } from "./in-words.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Progress {
  /** So many bytes are done. */
  reached(bytes: number): void;
  /** Leaves the line, so that something else can be printed. */
  end(): void;
}

/** Of so many bytes, if that is known: a bar on a terminal, else a line for every tenth. */
export function createProgress(
  stderr: Surroundings["stderr"],
  verb: string,
  total: number | undefined,
): Progress {
  return stderr.isTTY === true ? bar(stderr, verb, total) : lines(stderr, verb, total);
}

function bar(stderr: Surroundings["stderr"], verb: string, total: number | undefined): Progress {
  let shown = "";
  const show = (text: string): void => {
    if (text === shown) return;
    shown = text;
    cursorTo(stderr, 0);
    stderr.write(text);
    clearLine(stderr, 1);
  };
  return {
    reached(bytes) {
      const done = shareOf(bytes, total);
      const amount = bytesInWords(bytes);
      if (done === undefined) return show(`${verb} ${amount}`);
      const filled = Math.floor(done * barWidth);
      const drawn = "#".repeat(filled).padEnd(barWidth, ".");
      show(`${verb} [${drawn}] ${String(Math.floor(done * 100)).padStart(3)} % ${amount}`);
    },
    end() {
      if (shown !== "") stderr.write("\n");
      shown = "";
    },
  };
}

function lines(stderr: Surroundings["stderr"], verb: string, total: number | undefined): Progress {
  let next = 0.1;
  let nextBytes = linesEveryBytes;
  return {
    reached(bytes) {
      const done = shareOf(bytes, total);
      if (done === undefined) {
        if (bytes < nextBytes) return;
        nextBytes = bytes + linesEveryBytes;
        stderr.write(`${verb} ${bytesInWords(bytes)}\n`);
        return;
      }
      if (done < next) return;
      while (done >= next) next += 0.1;
      stderr.write(`${verb} ${Math.floor(done * 100)} %, ${bytesInWords(bytes)}\n`);
    },
    end: () => undefined,
  };
}

/** What is expected is about right only: never more than all of it. */
const shareOf = (bytes: number, total: number | undefined): number | undefined =>
  total === undefined || total === 0 ? undefined : Math.min(1, bytes / total);

const barWidth = 40;
const linesEveryBytes = 64 * 1024 * 1024;
