import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
}

/** A folder for what servers print and keep, removed with all that is in it. */
export async function openScratchFolder(): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), "tiffin-bench-"));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  process.once("exit", remove); // a run that is interrupted disposes of nothing
  return {
    path,
    async [Symbol.asyncDispose]() {
      process.off("exit", remove);
      remove();
    },
  };
}
