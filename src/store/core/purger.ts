import type { Clock } from "../../clock.ts";
import type { Engine } from "../engine.ts";
import { jsonCodec } from "../json-codec.ts";
import { key, type Range, within } from "../key.ts";
import type { Space } from "../space.ts";
import type { CommitLane } from "./commit-lane.ts";
import { nextTurn } from "./next-turn.ts";
import { Outage } from "./outage.ts";
import type { Report } from "./watch-feed.ts";

/** Ranges that nothing can reach any more, waiting to be emptied. */
export const purgeSpace: Space<Range> = {
  name: "purge",
  rootParts: 2,
  codec: jsonCodec(),
  history: false,
  evictable: false,
};

/**
 * Empties unreachable ranges in bounded steps, behind the commits that made them so. The jobs are records, so
 * whichever process comes by goes on with them, and a crash half way loses nothing.
 */
export class Purger {
  readonly #engine: Engine;
  readonly #lane: CommitLane;
  readonly #clock: Clock;
  readonly #outage: Outage;
  readonly #newId: () => string;
  #cancel: (() => void) | undefined;
  #working: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: {
    engine: Engine;
    lane: CommitLane;
    clock: Clock;
    report: Report;
    newId: () => string;
  }) {
    this.#engine = options.engine;
    this.#lane = options.lane;
    this.#clock = options.clock;
    this.#outage = new Outage(options.report, "purging failed");
    this.#newId = options.newId;
  }

  /** Begins, or goes on when more has come. */
  wake(): void {
    this.#again = true;
    if (this.#closed || this.#working !== undefined) return;
    this.#cancel?.();
    this.#working = this.#work();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#working;
  }

  /** Stops working in the same turn as the last look at `#again`: a wake-up between the two would be lost. */
  async #work(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#doJobs();
        this.#outage.worked();
      } catch (error) {
        this.#outage.failed(error);
      }
    }
    this.#working = undefined;
    // Another process may have left a job behind.
    if (!this.#closed) this.#cancel = this.#clock.after(lookEveryMs, () => this.wake());
  }

  async #doJobs(): Promise<void> {
    const { entries } = await this.#engine.page(purgeJobs, { limit: 100 });
    for (const entry of entries) {
      if (!(await this.#empty(entry.value as Range))) return;
      const done = { op: "delete", key: entry.key, reason: "deleted" } as const;
      // Asked for again meanwhile, it is another job; done by another process, there is nothing to write.
      const same = { key: entry.key, is: { version: entry.version } };
      await this.#lane.submit({ id: this.#newId(), expect: [same], mutations: [done] }, undefined);
    }
    if (entries.length > 0) this.#again = true;
  }

  /** Answers whether it came to the end; closing stops it between two steps. Whose commit began it is answered before the first. */
  async #empty(range: Range): Promise<boolean> {
    for (;;) {
      await nextTurn();
      if (this.#closed) return false;
      const { done } = await this.#engine.purge(range, recordsPerStep);
      if (done) return true;
    }
  }
}

/** The ranges that wait: what is in them is there, and out of reach. */
export const purgeJobs: Range = within(key(0, purgeSpace.name));
const recordsPerStep = 1000;
const lookEveryMs = 10_000;
