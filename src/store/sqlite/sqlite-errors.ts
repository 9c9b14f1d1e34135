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
      return new TiffinError(
        "store_full",
        `no room is left for ${path}: free space on its disk, or delete something`,
        { metadata: { path }, cause: error },
      );
    case "corrupt":
    case "notADatabase":
      return new TiffinError("internal", `${path} is damaged: restore a backup`, { cause: error });
    default:
      return new TiffinError("internal", `the database ${path} failed`, { cause: error });
  }
}

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
