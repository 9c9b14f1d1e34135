import type { Revision } from "../store.ts";

/** In milliseconds on the store's clock. */
export type SnapshotTime = Pick<OpenSnapshot, "at" | "until">;

/** An open snapshot: what it sees was written at its revision at the latest, and before its epoch was over. */
export class OpenSnapshot {
  readonly revision: Revision;
  /** Expiries are judged as of this time. */
  readonly at: number;
  /** When its time ends. */
  readonly until: number;
  readonly epoch: number;
  open = true;

  constructor(revision: Revision, { at, until }: SnapshotTime, epoch: number) {
    this.revision = revision;
    this.at = at;
    this.until = until;
    this.epoch = epoch;
  }
}

/**
 * The open snapshots, oldest first. Each ends an epoch. Changes are placed by epoch and not by revision, because a
 * purge takes no revision, and a changed expiry does not show in the record's version.
 */
export class Snapshots {
  readonly #open: OpenSnapshot[] = [];
  readonly #onEnd: () => void;
  #epoch = 1;

  /** `onEnd` is called whenever there is one less, so that what only it saw can be let go. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get size(): number {
    return this.#open.length;
  }

  get newest(): OpenSnapshot | undefined {
    return this.#open.at(-1);
  }

  open(revision: Revision, time: SnapshotTime): OpenSnapshot {
    const snapshot = new OpenSnapshot(revision, time, this.#epoch++);
    this.#open.push(snapshot);
    return snapshot;
  }

  close(snapshot: OpenSnapshot): void {
    if (!snapshot.open) return;
    snapshot.open = false;
    this.#open.splice(this.#open.indexOf(snapshot), 1);
    this.#onEnd();
  }

  /** The one whose time ends first. */
  loseFirst(): void {
    const [oldest, ...others] = this.#open;
    if (oldest === undefined) return;
    this.close(others.reduce((first, each) => (each.until < first.until ? each : first), oldest));
  }

  loseEndedBefore(time: number): void {
    if (this.#open.length === 0) return;
    for (const snapshot of this.#open.filter(({ until }) => until < time)) this.close(snapshot);
  }

  map<T>(each: (snapshot: OpenSnapshot) => T): T[] {
    return this.#open.map(each);
  }
}
