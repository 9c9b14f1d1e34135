/** One call of one client, as it was recorded: what was asked, what was answered, and when, by one counter of all clients. */
export interface Operation<Input, Output> {
  readonly client: number;
  readonly call: number;
  /** Infinity: nobody knows whether it happened, so it may have, at any time after the call. */
  readonly return: number;
  readonly input: Input;
  /** Undefined exactly when it may have happened. */
  readonly output: Output | undefined;
}

export const isAnswered = (operation: { readonly return: number }): boolean =>
  operation.return !== Number.POSITIVE_INFINITY;
