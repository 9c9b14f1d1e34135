/**
 * What can go wrong, by kind. One table, `rpc/errors.ts`, maps each to its status code and reason; the
 * comments of `proto/tiffin/error/v1/error_reason.proto` say when each is raised.
 */
export type ErrorKind =
  | "invalid_field"
  | "malformed_message"
  | "key_too_large"
  | "value_too_large"
  | "page_token_invalid"
  | "resume_token_invalid"
  | "request_id_reused"
  | "tenant_not_found"
  | "tenant_already_exists"
  | "tenant_protected"
  | "precondition_failed"
  | "contention"
  | "snapshot_lost"
  | "history_gone"
  | "integer_overflow"
  | "wrong_value_kind"
  | "store_full"
  | "limit_exceeded"
  | "message_too_large"
  | "overloaded"
  | "unauthenticated"
  | "deadline_exceeded"
  | "cancelled"
  | "shutting_down"
  | "outcome_unknown"
  | "method_not_found"
  | "service_not_found"
  | "export_invalid"
  | "tenant_not_empty"
  | "merge_unsupported"
  | "version_ahead"
  | "session_not_found"
  | "session_already_rotated"
  | "rolled_up"
  | "store_unreachable"
  | "internal";

/** A field of a request and what is wrong with it; `field` is a path as protovalidate writes it (`items[2].key`). */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

export interface ErrorDetails {
  /** Every dynamic value of the message, by name (AIP-193). Never a secret. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** For errors of the request itself. */
  readonly violations?: readonly FieldViolation[];
  /** When trying again may help, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** Logged, never sent. */
  readonly cause?: unknown;
}

/** The one error that rooms and stores throw. Matched by `kind`, never by message. */
export class TiffinError extends Error {
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "TiffinError";
    this.kind = kind;
    this.details = details;
  }
}

/** The request's field breaks a rule. The value is cut to 64 bytes where errors are sent. */
export function invalidField(field: string, description: string, value?: string): TiffinError {
  return new TiffinError("invalid_field", `${field}: ${description}`, {
    metadata: value === undefined ? { field } : { field, value },
    violations: [{ field, description }],
  });
}

export const tenantNotFound = (name: string): TiffinError =>
  new TiffinError("tenant_not_found", `there is no tenant ${name}`, {
    metadata: { tenant: name },
  });

/** A value is larger than it may be, in what `limit` counts. */
export function valueTooLarge(
  field: string,
  description: string,
  { limit, max, actual }: { readonly limit: string; readonly max: number; readonly actual: number },
): TiffinError {
  return new TiffinError("value_too_large", `${field}: ${description}`, {
    metadata: { field, limit, max: String(max), actual: String(actual) },
    violations: [{ field, description }],
  });
}

/** A configured limit is passed: says which, what it is, and the actual size. */
export function limitExceeded(limit: string, max: number, actual: number): TiffinError {
  return new TiffinError("limit_exceeded", `${limit} is ${max}, and this would be ${actual}`, {
    metadata: { limit, max: String(max), actual: String(actual) },
  });
}
