import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import { throwIfOver } from "../call-end.ts";
import type { Engine } from "../engine.ts";
import type { Range } from "../key.ts";
import type { Call, CommitEvents, Revision, Watch } from "../store.ts";
import { disjointRanges } from "./disjoint-ranges.ts";
import { Outage } from "./outage.ts";
import { ParkedWatchers } from "./parked-watchers.ts";
import { Watcher } from "./watcher.ts";

/** Told of what the feed could not do; a watch that must not end silently ends with an error as well. */
export type Report = (problem: string, cause: unknown) => void;

/**
 * Follows the history once for all watches of this process. A watch that has caught up parks here, costs a
 * commit that does not concern it next to nothing and moves along; when a commit concerns it, it wakes and pulls from the history itself.
 * The engine's wake-ups are hints, so the feed polls as well.
 */
export class WatchFeed {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #outage: Outage;
  readonly #watchers = new Set<Watcher>();
  readonly #parked = new ParkedWatchers();
  #tail: Revision = 0;
  #stopListening: (() => void) | undefined;
  /** Watches on their way to `#watchers`. */
  #opening = 0;
  #following = false;
  #woken = false;
  #closed = false;

  constructor({
    engine,
    clock,
    report,
  }: {
    engine: Engine;
    clock: Clock;
    report: Report;
  }) {
    this.#engine = engine;
    this.#clock = clock;
    this.#outage = new Outage(report, "following the history failed");
  }

  /** Everything up to here was looked at for all who are parked. */
  get tail(): Revision {
    return this.#tail;
  }

  async open(
    ranges: readonly Range[],
    after: Revision | "now",
    call: Call | undefined,
  ): Promise<Watch> {
    this.#opening++;
    try {
      return await this.#open(ranges, after, call);
    } finally {
      this.#opening--;
      this.#restIfAlone();
    }
  }

  park(watcher: Watcher): void {
    this.#parked.add(watcher);
  }

  leave(watcher: Watcher): void {
    this.#parked.delete(watcher);
    this.#watchers.delete(watcher);
    this.#restIfAlone();
  }

  /** Follows the head. Called on the engine's hint, and now and then in case a hint was lost. */
  wake(): void {
    this.#woken = true;
    if (this.#following || this.#watchers.size === 0) return;
    void this.#follow();
  }

  close(): void {
    this.#closed = true;
    this.#stopListening?.();
    for (const watcher of [...this.#watchers]) watcher.end(closing());
  }

  async #open(
    ranges: readonly Range[],
    after: Revision | "now",
    call: Call | undefined,
  ): Promise<Watch> {
    if (this.#closed) throw closing();
    if (this.#stopListening === undefined) {
      // Nobody watched until now, so nothing was followed: begin at the head, and listen before it is read.
      this.#stopListening = this.#engine.onHead(() => this.wake());
      await this.#moveToHead();
    }
    const from = await this.#startOf(after);
    if (this.#closed) throw closing();
    if (call !== undefined) throwIfOver(call, this.#clock.now()); // nobody would ever end its watch
    const watched = { ranges: disjointRanges(ranges), after: from, signal: call?.signal };
    const watcher = new Watcher(this, this.#engine, watched);
    this.#watchers.add(watcher);
    return watcher;
  }

  /** Refuses what the history does not contain. What is forgotten between two reads is nothing to one that begins now. */
  async #startOf(after: Revision | "now"): Promise<Revision> {
    for (let attempts = 1; ; attempts++) {
      const from = after === "now" ? await this.#engine.head() : after;
      try {
        await this.#engine.history(from, 1);
        return from;
      } catch (error) {
        if (after !== "now" || !isGone(error) || attempts === attemptsMax) throw error;
      }
    }
  }

  /** Stops listening once nobody watches. A watch that is opening counts: the last to leave must not leave it deaf. */
  #restIfAlone(): void {
    if (this.#watchers.size + this.#opening > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** The flag falls in the same turn as the last look at `#woken`: a hint between the two would be lost. */
  async #follow(): Promise<void> {
    this.#following = true;
    while (this.#woken && !this.#closed) {
      this.#woken = false;
      try {
        await this.#catchUp();
        this.#outage.worked();
      } catch (error) {
        // The next wake-up or poll tries again. Once closed, nobody waits for what was in flight.
        if (!this.#closed) this.#outage.failed(error);
      }
    }
    this.#following = false;
  }

  async #catchUp(): Promise<void> {
    try {
      while (await this.#passSome());
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.#moveToHead();
    }
  }

  /** Answers whether there were any. */
  async #passSome(): Promise<boolean> {
    const commits = await this.#engine.history(this.#tail, followBytes);
    for (const commit of commits) this.#pass(commit);
    return commits.length > 0;
  }

  #pass({ revision, events }: CommitEvents): void {
    for (const watcher of this.#parked.concernedBy(events)) {
      if (watcher.hasAnswered(revision)) continue;
      this.#parked.delete(watcher);
      watcher.resume(this.#tail);
    }
    this.#tail = revision;
  }

  /**
   * Leaves out what cannot or need not be followed. All who are parked look for themselves, and not before the tail
   * moves: whoever parks while the head is read has not looked at what that head brings.
   */
  async #moveToHead(): Promise<void> {
    const head = await this.#engine.head();
    for (const watcher of this.#parked.takeAll()) watcher.resume(this.#tail);
    this.#tail = Math.max(this.#tail, head);
  }
}

const closing = (): TiffinError => new TiffinError("shutting_down", "the store is closing");

const isGone = (error: unknown): boolean =>
  error instanceof TiffinError && error.kind === "history_gone";

const attemptsMax = 16;
const followBytes = 1024 * 1024;
