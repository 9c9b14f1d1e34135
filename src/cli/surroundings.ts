/** What a command is given of the process it runs in. */
export interface Surroundings {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** Fires when the user wants to leave. */
  readonly signal: AbortSignal;
}
