import { chmodSync, closeSync, existsSync, openSync } from "node:fs";

/**
 * Creates the file, empty and for its owner alone, unless it is there; then takes the others' permissions away. Never opens
 * one that is there: closing it again would drop the locks that SQLite holds on it in this process.
 */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, "wx", ownerOnly));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    chmodSync(path, ownerOnly);
  }
}

/** The same of one that need not be there. */
export function makePrivate(path: string): void {
  if (existsSync(path)) chmodSync(path, ownerOnly);
}

const ownerOnly = 0o600;
