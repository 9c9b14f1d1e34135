import { once } from "node:events";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CommandFailed } from "./command-failed.ts";

/** Where an export goes. Until `finish` has answered there is nothing under the file's name. */
export interface Output {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind. After `finish` it does nothing. */
  abandon(): Promise<void>;
}

/** Writes to `FILE.partial`, which only its owner may read; it gets its name when all of it is on the disk. */
export async function openOutputFile(file: string, force: boolean): Promise<Output> {
  await assertFree(file, force);
  const partial = `${file}.partial`;
  // One that was left behind might be readable by others, or lead elsewhere.
  await rm(partial, { force: true });
  const handle = await open(partial, "wx", 0o600);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    write: (bytes) => writeAll(handle, bytes),
    async finish() {
      await handle.sync();
      await close();
      await assertFree(file, force);
      await rename(partial, file);
      await syncFolder(dirname(file));
    },
    async abandon() {
      await close();
      await rm(partial, { force: true });
    },
  };
}

/** Waits for whoever reads: a slow one costs no memory. */
export function toStream(stream: NodeJS.WritableStream): Output {
  return {
    async write(bytes) {
      if (!stream.write(bytes)) await once(stream, "drain");
    },
    async finish() {
      await new Promise<void>((resolve) => stream.write("", () => resolve()));
    },
    abandon: () => Promise.resolve(),
  };
}

async function assertFree(file: string, force: boolean): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new CommandFailed(`${file}: is a folder`);
  if (there === undefined || force) return;
  throw new CommandFailed(`${file}: is there already; --force replaces it`);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at)).bytesWritten;
  }
}

/** The new name is to outlive a power failure too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
