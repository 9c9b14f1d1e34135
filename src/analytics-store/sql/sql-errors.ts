import { TiffinError } from "../../errors.ts";

/** What an error of a driver means to a transaction. */
export type SqlProblem = "lost" | "again" | "cancelled" | "full" | "overflow" | "defect";

export function problemOf(error: unknown): SqlProblem {
  const { code, severity } = (error ?? {}) as DriverError;
  if (typeof code === "string" && severity !== undefined) return problemOfState(code);
  const isNetwork = typeof code === "string" && networkCodes.has(code);
  return isNetwork || lostMessages.test((error as Error | undefined)?.message ?? "")
    ? "lost"
    : "defect";
}

function problemOfState(state: string): SqlProblem {
  if (againStates.has(state)) return "again";
  if (lostStates.has(state) || state.startsWith("08") || state.startsWith("28")) return "lost";
  if (state === "57014") return "cancelled";
  if (state === "53100") return "full";
  return state === "22003" ? "overflow" : "defect";
}

/** What the caller is told. `committing`: the commit had been sent. Hosts, users and statements stay in the cause, which is logged and not sent. */
export function toTiffinError(cause: unknown, committing = false): TiffinError {
  if (cause instanceof TiffinError) return cause;
  switch (problemOf(cause)) {
    case "lost":
      return committing
        ? new TiffinError(
            "outcome_unknown",
            "the database was lost before it told whether the write was done; read before writing again",
            { cause },
          )
        : storeUnreachable(cause);
    case "again":
      return new TiffinError("contention", "the write was in others' way too often", {
        cause,
        retryAfterMs: 100,
      });
    case "full":
      return new TiffinError("store_full", "the disk of the database is full", { cause });
    case "cancelled":
      return new TiffinError("deadline_exceeded", "the database ended the statement", { cause });
    case "overflow":
    case "defect":
      return new TiffinError("internal", "the database refused a statement", { cause });
  }
}

export const storeUnreachable = (cause: unknown): TiffinError =>
  new TiffinError("store_unreachable", "the database is not reached; nothing was changed", {
    cause,
    retryAfterMs: 1000,
  });

/** Of the operating system's network. */
const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
]);
/** pg has no codes for these. */
const lostMessages =
  /connection terminated|connection error|connection timeout|timeout exceeded when trying to connect|client was closed|connection has been discarded|socket|not queryable/i;
/** Serialization failure, deadlock, a lock not available. */
const againStates = new Set(["40001", "40P01", "55P03"]);
/** Shut down, crashed, starting; too many connections; no such database. */
const lostStates = new Set(["57P01", "57P02", "57P03", "53300", "3D000"]);

/** PostgreSQL's own errors have a severity; those of the connection have none. */
interface DriverError {
  readonly code?: unknown;
  readonly severity?: unknown;
}
