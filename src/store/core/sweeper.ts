import type { Clock } from "../../clock.ts";
import type { Engine } from "../engine.ts";
import { type Entry, isConflict } from "../store.ts";
import type { CommitLane } from "./commit-lane.ts";
import { nextTurn } from "./next-turn.ts";
import { Outage } from "./outage.ts";
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
  readonly #outage: Outage;
  readonly #random: () => number;
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
    random: () => number;
    newId: () => string;
  }) {
    this.#engine = options.engine;
    this.#lane = options.lane;
    this.#clock = options.clock;
    this.#keep = options.keep;
    this.#outage = new Outage(options.report, "sweeping failed");
    this.#random = options.random;
    this.#newId = options.newId;
  }

  start(): void {
    this.#cancel = this.#clock.after(this.#pauseMs(), () => {
      this.#sweeping = this.#tick();
      void this.#sweeping.then(() => {
        if (!this.#closed) this.start();
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#sweeping;
  }

  /** Processes that share an engine are not to sweep in step: all but one would do so for nothing. */
  #pauseMs(): number {
    const spread = this.#engine.capabilities.shared ? 0.5 + this.#random() : 1;
    return sweepEveryMs * spread;
  }

  async #tick(): Promise<void> {
    try {
      await this.#sweep();
      if (this.#sweeps++ % sweepsPerTrim === 0) await this.#engine.trim(this.#keep);
      this.#outage.worked();
    } catch (error) {
      this.#outage.failed(error);
    }
  }

  /** Removes everything that has expired by now. Closing stops it between two portions, and so does another process that sweeps. */
  async #sweep(): Promise<void> {
    const { commitRecords, pageBytes } = this.#engine.limits;
    for (let more = true; more; ) {
      const due = await this.#engine.due(commitRecords);
      for (const portion of portionsOf(due, pageBytes)) {
        const isOurs = await this.#remove(portion);
        await nextTurn();
        if (this.#closed || !isOurs) return;
      }
      more = due.length === commitRecords;
    }
  }

  /** Answers whether it was there to be removed: what another has swept must not cost a commit that changes nothing. */
  async #remove(portion: readonly Entry[]): Promise<boolean> {
    // Each deletion acts only on what is still expired, so a record touched meanwhile stays.
    const mutations = portion.map(({ key }) => ({ op: "delete", key, reason: "expired" }) as const);
    const expect = portion.slice(0, 1).map(({ key }) => ({ key, is: "expired" }) as const);
    const outcome = await this.#lane.submit({ id: this.#newId(), expect, mutations }, undefined);
    return !isConflict(outcome);
  }
}

/** Of about so many bytes: a commit stands in the history with all it removed, and watches are to find it there. */
function* portionsOf(due: readonly Entry[], bytesMax: number): Generator<Entry[]> {
  let portion: Entry[] = [];
  let bytes = 0;
  for (const entry of due) {
    portion.push(entry);
    bytes += entry.bytes;
    if (bytes < bytesMax) continue;
    yield portion;
    portion = [];
    bytes = 0;
  }
  if (portion.length > 0) yield portion;
}

const sweepEveryMs = 100;
const sweepsPerTrim = 50;
