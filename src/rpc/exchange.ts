import type { Code } from "@connectrpc/connect";
import type { TiffinError } from "../errors.ts";
import type { ServedMethod } from "./served-method.ts";

/** One call, as the interceptors see it on either transport. What they decide, they write into it. */
export interface Exchange {
  /** Absent for a path that names no method. */
  readonly method: ServedMethod | undefined;
  /** rpc.system.name, as OpenTelemetry calls it. */
  readonly system: "grpc" | "connectrpc";
  /** Who calls: address and port, or "unknown" behind a Unix socket. */
  readonly peer: string;
  /** When it began, in milliseconds of the monotonic clock. */
  readonly startedAt: number;
  /** How long the client said it would wait from now on, in milliseconds. */
  readonly clientTimeoutMs: number | undefined;
  /** A request header by its lower-case name; repeated ones joined with ", ". */
  header(name: string): string | undefined;
  /** Set by `request-id`: the client's, or one made when something first asks. */
  requestId: string | undefined;
  /** Set by `deadline`, Unix milliseconds: the sooner of the client's and the default. */
  deadline: number | undefined;
  /** Set by `tenant`. */
  tenant: string;
}

/** How a call ended. `error` is absent when it went well. */
export interface Ending {
  readonly code: Code | 0;
  readonly error: TiffinError | undefined;
}
