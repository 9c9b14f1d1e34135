import type { SourceChange as SourceChangeMessage } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import type { CommitChanges, SourceChange } from "../analytics-store/analytics-store.ts";
import { toTimestamp } from "../timestamp.ts";
import { asMessageOrJson } from "./answer-bytes.ts";

/** What several commits did, source by source, in the order of first change. */
export class GatheredChanges {
  readonly #bySource = new Map<string, SourceChange>();
  #bytes = 0;

  /** About what it takes as messages. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One for each source. */
  get all(): SourceChange[] {
    return [...this.#bySource.values()];
  }

  add({ sources }: CommitChanges): void {
    for (const change of sources) {
      const before = this.#bySource.get(change.source);
      if (before === undefined) this.#bytes += changeBytesOf(change);
      this.#bySource.set(change.source, before === undefined ? change : merged(before, change));
    }
  }
}

export const toSourceChange = ({ source, ...change }: SourceChange): SourceChangeMessage => ({
  $typeName: "tiffin.analytics.v1.SourceChange",
  source,
  added: BigInt(change.added),
  deleted: BigInt(change.deleted),
  firstStartTime: toTimestamp(change.firstStart),
  lastStartTime: toTimestamp(change.lastStart),
});

/** About what one takes in a message, or as JSON. */
export const changeBytesOf = ({ source }: SourceChange): number =>
  asMessageOrJson.textBytesOf(source) + numbersBytes;

const merged = (before: SourceChange, change: SourceChange): SourceChange => ({
  source: before.source,
  added: before.added + change.added,
  deleted: before.deleted + change.deleted,
  firstStart: Math.min(before.firstStart, change.firstStart),
  lastStart: Math.max(before.lastStart, change.lastStart),
});

/** Two numbers and two instants, with their names. */
const numbersBytes = 200;
