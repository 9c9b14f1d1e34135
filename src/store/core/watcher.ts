import { gone } from "../call-end.ts";
import type { Engine } from "../engine.ts";
import type { Range } from "../key.ts";
import type { CommitEvents, Revision, Watch } from "../store.ts";
import { concernedEvents } from "./concerned-events.ts";
import { nextTurn } from "./next-turn.ts";
import type { WatchFeed } from "./watch-feed.ts";

interface Watched {
  readonly ranges: readonly Range[];
  readonly after: Revision;
  readonly signal: AbortSignal | undefined;
}

/** One watch: a position in the history and nothing more. Its reader pulls; between pulls nothing is kept for it. */
export class Watcher implements Watch {
  readonly ranges: readonly Range[];
  readonly #feed: WatchFeed;
  readonly #engine: Engine;
  readonly #signal: AbortSignal | undefined;
  #position: Revision;
  #wake: (() => void) | undefined;
  #ended: Error | undefined;

  constructor(feed: WatchFeed, engine: Engine, { ranges, after, signal }: Watched) {
    this.#feed = feed;
    this.#engine = engine;
    this.ranges = ranges;
    this.#position = after;
    this.#signal = signal;
    // From here on, not from the first pull: a watch that is never read must end with its caller too.
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get position(): Revision {
    return this.#wake === undefined ? this.#position : Math.max(this.#position, this.#feed.tail);
  }

  [Symbol.asyncIterator](): AsyncGenerator<CommitEvents> {
    return this.until(Number.POSITIVE_INFINITY);
  }

  async *until(last: Revision): AsyncGenerator<CommitEvents> {
    try {
      while (this.#position < last) yield* this.#read(last);
    } finally {
      this.#leave();
    }
  }

  /** Whether the commit is one that this watch has answered before it parked: it may be ahead of the feed. */
  hasAnswered(revision: Revision): boolean {
    return revision <= this.#position;
  }

  /** Woken by the feed: all up to `position` did not concern this watch, what follows does. */
  resume(position: Revision): void {
    this.#position = Math.max(this.#position, position);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Ends the watch with an error, now if its reader waits and else at the next pull. */
  end(error: Error): void {
    this.#ended ??= error;
    this.#feed.leave(this);
    this.resume(this.#position);
  }

  readonly #onAbort = (): void => this.end(gone(this.#signal?.reason));

  /** Some of what there is, up to `last`; or else waits until there may be something. */
  async *#read(last: Revision): AsyncGenerator<CommitEvents> {
    this.#throwIfEnded();
    const commits = await this.#engine.history(this.#position, pullBytes);
    for (const { revision, events } of commits) {
      if (revision > last) {
        this.#position = last;
        return;
      }
      const concerned = concernedEvents(this.ranges, events);
      if (concerned.length > 0) yield { revision, events: concerned };
      this.#throwIfEnded();
      this.#position = revision;
    }
    // To read far back and find nothing waits for nobody: others are to have their turn.
    if (commits.length > 0) await nextTurn();
    else await this.#somethingNew();
  }

  #throwIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  async #somethingNew(): Promise<void> {
    // Behind the tail, what the feed passed meanwhile was not looked at for this watch: read on. Ended meanwhile, say so.
    if (this.#position < this.#feed.tail || this.#ended !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#feed.park(this);
    });
  }

  #leave(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#feed.leave(this);
  }
}

const pullBytes = 256 * 1024;
