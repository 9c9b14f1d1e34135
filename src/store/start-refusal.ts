export interface Refusal {
  /** What is wrong. */
  readonly reason: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * A store that cannot be opened as it is, and what would mend that. For whoever starts the server, not for callers: its
 * text says all there is to say, so no stack is shown with it.
 */
export class StartRefusal extends Error {
  readonly reason: string;
  readonly remedy: string;

  constructor(place: string, { reason, remedy, cause }: Refusal) {
    super(`the store ${place} cannot be opened: ${reason}.\n${remedy}.`, { cause });
    this.name = "StartRefusal";
    this.reason = reason;
    this.remedy = remedy;
  }
}
