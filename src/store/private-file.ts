import { chmodSync, closeSync, existsSync, openSync } from "node:fs";

/**
 * Creates the file, empty and for its owner alone, unless it is there. Never opens one that is there: closing it
 * again would drop the locks that SQLite holds on it in this process.
 */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, "wx", ownerOnly));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Takes the others' permissions away from a file, if there is one. */
export function makePrivate(path: string): void {
  if (existsSync(path)) chmodSync(path, ownerOnly);
}

const ownerOnly = 0o600;
