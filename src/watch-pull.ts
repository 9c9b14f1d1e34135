import type { Clock } from "./clock.ts";
import type { Range } from "./store/key.ts";
import type { Call, CommitEvents, Revision, Store, Watch } from "./store/store.ts";

type Pulled = { readonly commit: CommitEvents } | { readonly error: unknown };

interface PullOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly call: Call;
  readonly ranges: readonly Range[];
  readonly after: Revision;
}

/**
 * A store's watch, pulled one commit at a time, that also says when nothing was sent for a while. It can be left
 * while a pull is waiting, which an async iterator cannot.
 */
export class WatchPull {
  readonly #watch: Watch;
  readonly #commits: AsyncIterator<CommitEvents>;
  readonly #clock: Clock;
  readonly #leave: () => void;
  #isPulling = false;
  #pulled: Pulled | undefined;
  #wake: (() => void) | undefined;
  #isDue = false;
  #cancelTimer: () => void = () => undefined;

  static async open({ store, clock, call, ranges, after }: PullOptions): Promise<WatchPull> {
    const leaving = new AbortController();
    const onAbort = (): void => leaving.abort(call.signal?.reason);
    const leave = (): void => {
      call.signal?.removeEventListener("abort", onAbort);
      leaving.abort();
    };
    if (call.signal?.aborted) onAbort();
    call.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const watch = await store.watch(ranges, after, { ...call, signal: leaving.signal });
      return new WatchPull(watch, clock, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  private constructor(watch: Watch, clock: Clock, leave: () => void) {
    this.#watch = watch;
    this.#commits = watch[Symbol.asyncIterator]();
    this.#clock = clock;
    this.#leave = leave;
    this.sent();
  }

  /** Up to here nothing is left to send, but for a commit that was pulled and not yet looked at. */
  get position(): Revision {
    return this.#watch.position;
  }

  /** Whether it is time to say how far the watch has come. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Something was sent: the time begins anew. */
  sent(): void {
    this.#cancelTimer();
    this.#isDue = false;
    this.#cancelTimer = this.#clock.after(progressMs, () => {
      this.#isDue = true;
      this.#wakeUp();
    });
  }

  /** The next commit; undefined when there is none and it is time to say so. */
  async next(): Promise<CommitEvents | undefined> {
    if (!this.#isPulling) this.#pull();
    if (this.#pulled === undefined && !this.#isDue) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const pulled = this.#pulled;
    if (pulled === undefined) return undefined;
    this.#pulled = undefined;
    this.#isPulling = false;
    if ("error" in pulled) throw pulled.error;
    return pulled.commit;
  }

  close(): void {
    this.#cancelTimer();
    this.#leave();
    // Waits for a pull that the leaving ends; nobody waits for that.
    this.#commits.return?.().catch(() => undefined);
  }

  /** One reaction a pull: racing a long wait against many timers would keep one for each of them. */
  #pull(): void {
    this.#isPulling = true;
    const settle = (pulled: Pulled): void => {
      this.#pulled = pulled;
      this.#wakeUp();
    };
    this.#commits.next().then(
      ({ value }) => settle({ commit: value as CommitEvents }),
      (error: unknown) => settle({ error }),
    );
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** How long a watch is silent at most. */
const progressMs = 10_000;
