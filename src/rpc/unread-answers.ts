/** An answer that is on its way to its client. */
export interface UnreadAnswer {
  /** Gives up sending it, and frees what it holds. */
  dropUnread(): void;
}

/**
 * Bounds what answers hold while their clients do not read them. Beyond it the oldest are dropped: a client that reads
 * has its answer within moments, so what is oldest belongs to one that stalls, and nobody else pays for it.
 */
export class UnreadAnswers {
  readonly #bytesMax: number;
  /** In the order in which they were sent. */
  readonly #unread = new Map<UnreadAnswer, number>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts an answer as sent and not yet read; once at a time for each. */
  add(answer: UnreadAnswer, bytes: number): void {
    this.#unread.set(answer, bytes);
    this.#bytes += bytes;
    for (const [oldest] of this.#unread) {
      if (this.#bytes <= this.#bytesMax || oldest === answer) return;
      this.delete(oldest);
      oldest.dropUnread();
    }
  }

  delete(answer: UnreadAnswer): void {
    const bytes = this.#unread.get(answer);
    if (bytes === undefined) return;
    this.#unread.delete(answer);
    this.#bytes -= bytes;
  }
}
