import { TiffinError } from "../../errors.ts";
import { StartRefusal } from "../start-refusal.ts";
import type { EncodedError, Failure } from "./wire.ts";

/** SQLite's primary result codes, as far as they are told apart: https://sqlite.org/rescode.html. */
const codes = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  diskFull: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

export type SqliteProblem = keyof typeof codes;

/** What kind of problem an error of node:sqlite tells of; undefined when it is another, or no such error. */
export function problemOf(error: unknown): SqliteProblem | undefined {
  const { errcode } = error as { errcode?: unknown };
  if (typeof errcode !== "number") return undefined;
  const primary = errcode & primaryCode;
  return problems.find((problem) => codes[problem] === primary);
}

/** An error as node:sqlite throws them. */
export function sqliteFailure(problem: SqliteProblem, message: string): Error {
  return Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR", errcode: codes[problem] });
}

/** What callers get to see of an error: never SQLite's own. */
export function toStoreError(error: unknown, path: string): TiffinError {
  if (error instanceof TiffinError) return error;
  switch (problemOf(error)) {
    case "diskFull":
      // Sent to callers, who need not know where the file is; the cause says it to the log.
      return new TiffinError("store_full", "the disk of the store is full: free space on it", {
        metadata: { limit: "disk" },
        cause: new Error(`no room is left for ${path}`, { cause: error }),
      });
    case "busy":
      return new TiffinError(
        "overloaded",
        `another program keeps ${path} locked: let it finish, and do not write to the file of a server that runs`,
        { metadata: { limit: "lock", path }, cause: error },
      );
    case "corrupt":
    case "notADatabase":
      return new TiffinError("internal", `${path} is damaged: restore a backup`, { cause: error });
    default:
      return new TiffinError("internal", `the database ${path} failed`, { cause: error });
  }
}

/** The same for whoever starts the server. */
export function toRefusal(error: unknown, path: string): StartRefusal {
  if (error instanceof StartRefusal) return error;
  const { message } = error as Error;
  switch (problemOf(error)) {
    case "diskFull":
      return new StartRefusal(path, {
        reason: "its disk is full",
        remedy: "Free some space",
        cause: error,
      });
    case "ioError":
    case "readOnly":
    case "cannotOpen":
      return new StartRefusal(path, {
        reason: `it cannot be read and written (${message})`,
        remedy:
          "Look at the disk, at the permissions of the file, its folder and the files beside it",
        cause: error,
      });
    case "busy":
      return new StartRefusal(path, {
        reason: "another program has it locked",
        remedy: "End that program, such as a sqlite3 shell",
        cause: error,
      });
    default:
      return damaged(path, message);
  }
}

/** The file is not what was written to it. */
export const damaged = (path: string, found: string): StartRefusal =>
  new StartRefusal(path, {
    reason: `it is damaged: ${found}`,
    remedy: `Restore a backup, or save what can be read with: sqlite3 '${path}' .recover`,
  });

export function toFailure(error: unknown, path: string): Failure {
  if (error instanceof StartRefusal) {
    return { type: "refusal", reason: error.reason, remedy: error.remedy };
  }
  return { type: "error", error: encodeError(toStoreError(error, path)) };
}

export function fromFailure(failure: Failure, path: string): Error {
  return failure.type === "refusal"
    ? new StartRefusal(path, { reason: failure.reason, remedy: failure.remedy })
    : decodeError(failure.error);
}

export function encodeError({ kind, message, details }: TiffinError): EncodedError {
  const { metadata = {}, cause } = details;
  return { kind, message, metadata, cause: cause === undefined ? "" : String(cause) };
}

export function decodeError({ kind, message, metadata, cause }: EncodedError): TiffinError {
  return new TiffinError(kind, message, {
    metadata,
    ...(cause !== "" && { cause: new Error(cause) }),
  });
}

const problems = Object.keys(codes) as SqliteProblem[];

/** An extended code has its primary one in its lowest byte. */
const primaryCode = 0xff;
