import type { Clock } from "../../clock.ts";
import type { Engine } from "../engine.ts";
import type { Entry } from "../store.ts";
import type { CommitLane } from "./commit-lane.ts";
import { nextTurn } from "./next-turn.ts";
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

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#sweeping;
  }

  async #tick(): Promise<void> {
    await this.#sweep();
    if (this.#sweeps++ % sweepsPerTrim === 0) await this.#engine.trim(this.#keep);
  }

  /** Removes everything that has expired by now; closing stops it between two portions. */
  async #sweep(): Promise<void> {
    const { commitRecords, pageBytes } = this.#engine.limits;
    for (let more = true; more; ) {
      const due = await this.#engine.due(commitRecords);
      for (const portion of portionsOf(due, pageBytes)) {
        await this.#remove(portion);
        await nextTurn();
        if (this.#closed) return;
      }
      more = due.length === commitRecords;
    }
  }

  async #remove(portion: readonly Entry[]): Promise<void> {
    // Each deletion acts only on what is still expired, so a record touched meanwhile stays.
    const mutations = portion.map(({ key }) => ({ op: "delete", key, reason: "expired" }) as const);
    await this.#lane.submit({ id: this.#newId(), expect: [], mutations }, undefined);
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
