import { TiffinError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import type { Range } from "../key.ts";
import type { CommitEvents, Revision, Watch } from "../store.ts";
import { concernedEvents } from "./concerned-events.ts";
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
    if (signal?.aborted) this.#onAbort();
  }

  get position(): Revision {
    return this.#wake === undefined ? this.#position : Math.max(this.#position, this.#feed.tail);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CommitEvents> {
    try {
      for (;;) yield* this.#read();
    } finally {
      this.#leave();
    }
  }

  async *until(revision: Revision): AsyncGenerator<CommitEvents> {
    try {
      while (this.#position < revision) {
        const commits = await this.#engine.history(this.#position, pullBytes);
        for (const commit of commits) {
          if (commit.revision > revision) return;
          yield* this.#answer(commit);
        }
        if (commits.length === 0) return;
      }
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

  readonly #onAbort = (): void => this.end(reasonOf(this.#signal));

  /** What there is, or else waits until there may be something. */
  async *#read(): AsyncGenerator<CommitEvents> {
    if (this.#ended !== undefined) throw this.#ended;
    const commits = await this.#engine.history(this.#position, pullBytes);
    for (const commit of commits) yield* this.#answer(commit);
    // Behind the tail, what the feed passed meanwhile was not looked at for this watch: read on. Ended meanwhile, say so.
    if (commits.length > 0 || this.#position < this.#feed.tail || this.#ended !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#feed.park(this);
    });
  }

  *#answer(commit: CommitEvents): Generator<CommitEvents> {
    const events = concernedEvents(this.ranges, commit);
    if (events.length > 0) {
      yield { revision: commit.revision, events };
      if (this.#ended !== undefined) throw this.#ended;
    }
    this.#position = commit.revision;
  }

  #leave(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#feed.leave(this);
  }
}

const reasonOf = (signal: AbortSignal | undefined): Error =>
  signal?.reason instanceof TiffinError
    ? signal.reason
    : new TiffinError("cancelled", "the watcher went away", { cause: signal?.reason });

const pullBytes = 256 * 1024;
