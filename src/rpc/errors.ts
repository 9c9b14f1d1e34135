import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorReason } from "#gen/tiffin/error/v1/error_reason_pb.ts";
import { type ErrorKind, TiffinError } from "../errors.ts";

/** How a kind of error is answered. */
export interface Answer {
  readonly code: Code;
  /** A name of the contract's ErrorReason without its prefix, as it is sent. */
  readonly reason: Exclude<keyof typeof ErrorReason, "UNSPECIFIED">;
}

/** The one table: what went wrong, the status code and the reason that say so. */
export const errorTable = {
  invalid_field: { code: Code.InvalidArgument, reason: "INVALID_FIELD" },
  malformed_message: { code: Code.InvalidArgument, reason: "MALFORMED_MESSAGE" },
  key_too_large: { code: Code.InvalidArgument, reason: "KEY_TOO_LARGE" },
  value_too_large: { code: Code.InvalidArgument, reason: "VALUE_TOO_LARGE" },
  page_token_invalid: { code: Code.InvalidArgument, reason: "PAGE_TOKEN_INVALID" },
  resume_token_invalid: { code: Code.InvalidArgument, reason: "RESUME_TOKEN_INVALID" },
  request_id_reused: { code: Code.InvalidArgument, reason: "REQUEST_ID_REUSED" },
  tenant_not_found: { code: Code.NotFound, reason: "TENANT_NOT_FOUND" },
  tenant_already_exists: { code: Code.AlreadyExists, reason: "TENANT_ALREADY_EXISTS" },
  tenant_protected: { code: Code.FailedPrecondition, reason: "TENANT_PROTECTED" },
  precondition_failed: { code: Code.Aborted, reason: "PRECONDITION_FAILED" },
  contention: { code: Code.Aborted, reason: "CONTENTION" },
  snapshot_lost: { code: Code.Aborted, reason: "SNAPSHOT_LOST" },
  history_gone: { code: Code.OutOfRange, reason: "HISTORY_GONE" },
  integer_overflow: { code: Code.OutOfRange, reason: "INTEGER_OVERFLOW" },
  wrong_value_kind: { code: Code.FailedPrecondition, reason: "WRONG_VALUE_KIND" },
  store_full: { code: Code.ResourceExhausted, reason: "STORE_FULL" },
  limit_exceeded: { code: Code.ResourceExhausted, reason: "LIMIT_EXCEEDED" },
  message_too_large: { code: Code.ResourceExhausted, reason: "MESSAGE_TOO_LARGE" },
  overloaded: { code: Code.ResourceExhausted, reason: "OVERLOADED" },
  unauthenticated: { code: Code.Unauthenticated, reason: "UNAUTHENTICATED" },
  deadline_exceeded: { code: Code.DeadlineExceeded, reason: "DEADLINE_EXCEEDED" },
  cancelled: { code: Code.Canceled, reason: "CANCELLED" },
  shutting_down: { code: Code.Unavailable, reason: "SHUTTING_DOWN" },
  outcome_unknown: { code: Code.Unavailable, reason: "OUTCOME_UNKNOWN" },
  method_not_found: { code: Code.Unimplemented, reason: "METHOD_NOT_FOUND" },
  service_not_found: { code: Code.NotFound, reason: "SERVICE_NOT_FOUND" },
  export_invalid: { code: Code.InvalidArgument, reason: "EXPORT_INVALID" },
  tenant_not_empty: { code: Code.FailedPrecondition, reason: "TENANT_NOT_EMPTY" },
  merge_unsupported: { code: Code.FailedPrecondition, reason: "MERGE_UNSUPPORTED" },
  version_ahead: { code: Code.FailedPrecondition, reason: "VERSION_AHEAD" },
  session_not_found: { code: Code.NotFound, reason: "SESSION_NOT_FOUND" },
  session_already_rotated: { code: Code.FailedPrecondition, reason: "SESSION_ALREADY_ROTATED" },
  rolled_up: { code: Code.FailedPrecondition, reason: "ROLLED_UP" },
  store_unreachable: { code: Code.Unavailable, reason: "STORE_UNREACHABLE" },
  internal: { code: Code.Internal, reason: "INTERNAL" },
} as const satisfies Record<ErrorKind, Answer>;

/** Whatever was thrown, as the one error that is answered. What nobody foresaw is internal, and its cause stays here. */
export function toTiffinError(thrown: unknown): TiffinError {
  if (thrown instanceof TiffinError) return thrown;
  if (thrown instanceof ConnectError) return fromConnectError(thrown);
  if (isAbort(thrown)) {
    return new TiffinError("cancelled", "the call was cancelled", { cause: thrown });
  }
  return new TiffinError("internal", "internal error", { cause: thrown });
}

/** Connect aborts signals with an error of its own; what it means decides, and its text is not repeated. */
function fromConnectError(error: ConnectError): TiffinError {
  if (error.cause instanceof TiffinError) return error.cause;
  switch (error.code) {
    case Code.DeadlineExceeded:
      return new TiffinError("deadline_exceeded", "the deadline passed", { cause: error });
    case Code.Canceled:
    case Code.Aborted: // how Connect calls a connection that broke
      return new TiffinError("cancelled", "the call was cancelled", { cause: error });
    default:
      return new TiffinError("internal", "internal error", { cause: error });
  }
}

const isAbort = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === "AbortError";
