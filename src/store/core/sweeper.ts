import type { Clock } from "../../clock.ts";
import type { Engine } from "../engine.ts";
import type { CommitLane } from "./commit-lane.ts";
import type { Report } from "./watch-feed.ts";

/** How much history is kept: whichever bound is reached first. */
export interface HistoryKept {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Removes what has expired, soon after, in ordinary commits with events; and history past its bounds. Expired
 * records are invisible without it: what it keeps small is memory and the delay of expire events.
 */
export class Sweeper {
  readonly #engine: Engine;
  readonly #lane: CommitLane;
  readonly #clock: Clock;
  readonly #keep: HistoryKept;
  readonly #report: Report;
  readonly #newId: () => string;
  #cancel: (() => void) | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #sweeps = 0;
  #closed = false;

  constructor(options: {
    engine: Engine;
    lane: CommitLane;
    clock: Clock;
    keep: HistoryKept;
    report: Report;
    newId: () => string;
  }) {
    this.#engine = options.engine;
    this.#lane = options.lane;
    this.#clock = options.clock;
    this.#keep = options.keep;
    this.#report = options.report;
    this.#newId = options.newId;
  }

  start(): void {
    this.#cancel = this.#clock.after(sweepEveryMs, () => {
      this.#sweeping = this.#tick().catch((error: unknown) =>
        this.#report("sweeping failed", error),
      );
      void this.#sweeping.then(() => {
        if (!this.#closed) this.start();
      });
    });
  }

  /** Removes everything that has expired by now. */
  async sweep(): Promise<void> {
    const { commitRecords } = this.#engine.limits;
    for (;;) {
      const due = await this.#engine.due(commitRecords);
      if (due.length === 0) return;
      // Each deletion acts only on what is still expired, so a record touched meanwhile stays.
      const mutations = due.map(({ key }) => ({ op: "delete", key, reason: "expired" }) as const);
      await this.#lane.submit({ id: this.#newId(), expect: [], mutations }, undefined);
      if (due.length < commitRecords) return;
      await nextTurn();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#sweeping;
  }

  async #tick(): Promise<void> {
    await this.sweep();
    if (this.#sweeps++ % sweepsPerTrim === 0) await this.#engine.trim(this.#keep);
  }
}

/** Lets the calls that came meanwhile run before the next portion. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const sweepEveryMs = 100;
const sweepsPerTrim = 50;
