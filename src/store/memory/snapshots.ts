import type { Revision } from "../store.ts";

/** An open snapshot: what it sees was written at its revision at the latest, and before its epoch was over. */
export class OpenSnapshot {
  readonly revision: Revision;
  /** Expiries are judged as of this time. */
  readonly at: number;
  readonly epoch: number;
  open = true;

  constructor(revision: Revision, at: number, epoch: number) {
    this.revision = revision;
    this.at = at;
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

  open(revision: Revision, at: number): OpenSnapshot {
    const snapshot = new OpenSnapshot(revision, at, this.#epoch++);
    this.#open.push(snapshot);
    return snapshot;
  }

  close(snapshot: OpenSnapshot): void {
    if (!snapshot.open) return;
    snapshot.open = false;
    this.#open.splice(this.#open.indexOf(snapshot), 1);
    this.#onEnd();
  }

  loseOldest(): void {
    const oldest = this.#open[0];
    if (oldest !== undefined) this.close(oldest);
  }

  loseOpenedBefore(time: number): void {
    while ((this.#open[0]?.at ?? time) < time) this.loseOldest();
  }

  /** Whether one sees what was written at `version`, was current from epoch `since`, and was no more in epoch `until`. */
  anySees(version: Revision, since: number, until: number): boolean {
    for (const { revision, epoch } of this.#open) {
      if (version <= revision && since <= epoch && epoch < until) return true;
    }
    return false;
  }
}
