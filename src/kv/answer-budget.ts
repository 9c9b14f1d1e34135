import type { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { TiffinError } from "../errors.ts";
import { answerBytesOf, type StoredEntry } from "./entry.ts";
import type { KvLimits } from "./kv-limits.ts";

/** What may still go into an answer. It refuses what no message could carry before it is built. */
export class AnswerBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor({ messageBytesMax }: KvLimits) {
    this.#bytesMax = messageBytesMax;
  }

  spend(key: string, entry: StoredEntry | undefined, view: EntryView): void {
    if (entry === undefined) return;
    this.#bytes += answerBytesOf(key, entry, view);
    if (this.#bytes <= this.#bytesMax) return;
    throw new TiffinError(
      "message_too_large",
      `the answer would take more than the ${this.#bytesMax} bytes that a message may have`,
      {
        metadata: {
          limit: "message bytes",
          max: String(this.#bytesMax),
          actual: `at least ${this.#bytes}`,
        },
      },
    );
  }
}
