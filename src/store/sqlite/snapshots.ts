import type { Revision } from "../store.ts";
import type { Reader } from "./reader.ts";

/** An open snapshot. It sees its revision, and judges expiries as of when it was opened. */
export interface OpenSnapshot {
  readonly revision: Revision;
  readonly at: number;
  /** When its time ends, in milliseconds on the store's clock. */
  readonly until: number;
  /** Gone once it is over. */
  reader: Reader | undefined;
}

/**
 * The open snapshots. Each holds a transaction open, and the log keeps all that was written since; so they end on time
 * whether or not anybody still reads them, and their connections are used again.
 */
export class Snapshots {
  readonly #connect: () => Reader;
  readonly #now: () => number;
  readonly #max: number;
  readonly #open = new Set<OpenSnapshot>();
  readonly #idle: Reader[] = [];

  constructor(options: { connect: () => Reader; now: () => number; max: number }) {
    this.#connect = options.connect;
    this.#now = options.now;
    this.#max = options.max;
  }

  open(lastingMs: number): OpenSnapshot {
    this.endOld();
    if (this.#open.size >= this.#max) this.#loseFirst();
    const reader = this.#idle.pop() ?? this.#connect();
    const at = this.#now();
    const snapshot = { revision: heldBy(reader), at, until: at + lastingMs, reader };
    this.#open.add(snapshot);
    return snapshot;
  }

  readerOf(snapshot: OpenSnapshot): Reader | undefined {
    this.endOld();
    return snapshot.reader;
  }

  close(snapshot: OpenSnapshot): void {
    const { reader } = snapshot;
    if (reader === undefined) return;
    snapshot.reader = undefined;
    this.#open.delete(snapshot);
    reader.letGo();
    if (this.#idle.length < idleMax) this.#idle.push(reader);
    else reader.close();
  }

  /** Ends those whose time is over. */
  endOld(): void {
    if (this.#open.size === 0) return;
    const now = this.#now();
    for (const snapshot of [...this.#open]) if (snapshot.until < now) this.close(snapshot);
  }

  closeAll(): void {
    for (const snapshot of [...this.#open]) this.close(snapshot);
    for (const reader of this.#idle.splice(0)) reader.close();
  }

  #loseFirst(): void {
    const [oldest, ...others] = this.#open;
    if (oldest === undefined) return;
    this.close(others.reduce((first, each) => (each.until < first.until ? each : first), oldest));
  }
}

function heldBy(reader: Reader): Revision {
  try {
    return reader.hold();
  } catch (error) {
    reader.close();
    throw error;
  }
}

/** Connections kept for the next snapshots; to open one takes a millisecond. */
const idleMax = 4;
