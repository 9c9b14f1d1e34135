import type { Readable } from "node:stream";

/** What a command is given of the process it runs in. */
export interface Surroundings {
  readonly stdin: Readable;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** Fires when the user wants to leave. */
  readonly signal: AbortSignal;
}
