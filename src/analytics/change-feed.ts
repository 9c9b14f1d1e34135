import type { AnalyticsStore, Changes, Scope } from "../analytics-store/analytics-store.ts";
import type { Clock } from "../clock.ts";

/**
 * Tells the watches of a tenant that something has changed, and reads for all of them what: many that have come equally far ask the
 * store once.
 */
export class ChangeFeed {
  readonly #series: AnalyticsStore;
  readonly #clock: Clock;
  readonly #tenants = new Map<string, FollowedTenant>();
  readonly #stop: () => void;

  constructor(series: AnalyticsStore, clock: Clock) {
    this.#series = series;
    this.#clock = clock;
    this.#stop = series.onChange((tenant) => this.wake(tenant));
  }

  close(): void {
    this.#stop();
  }

  /** Calls back after changes of the tenant's series; perhaps for nothing. Answers how to end it. */
  follow(tenant: string, onChange: () => void): () => void {
    const followed = this.#tenants.get(tenant) ?? { listeners: new Set(), readings: new Map() };
    this.#tenants.set(tenant, followed);
    // Two watches may give the same function.
    const listener = (): void => onChange();
    followed.listeners.add(listener);
    return () => {
      followed.listeners.delete(listener);
      const isLast = followed.listeners.size === 0 && this.#tenants.get(tenant) === followed;
      if (isLast) this.#tenants.delete(tenant);
    };
  }

  /** Something has changed for the tenant's watches, or the tenant has gone. */
  wake(tenant: string): void {
    const followed = this.#tenants.get(tenant);
    if (followed === undefined) return;
    followed.readings.clear();
    for (const listener of followed.listeners) listener();
  }

  /** The next commits after the revision, a bounded number; `history_gone` as the store has it. */
  read(scope: Scope, after: number): Promise<Changes> {
    const { tenant } = scope;
    const readings = this.#tenants.get(tenant)?.readings;
    const now = this.#clock.now();
    const known = readings?.get(after);
    if (known !== undefined && now - known.atMs < sharedMs && now >= known.atMs) {
      return known.changes;
    }
    // Not in the name of one of the calls, as others may wait for it too.
    const changes = this.#series.changes({ tenant }, { after, limit: commitsPerReading });
    if (readings === undefined) return changes;
    if (readings.size >= readingsMax) readings.clear();
    readings.set(after, { atMs: now, changes });
    changes.catch(() => readings.delete(after));
    return changes;
  }
}

interface FollowedTenant {
  readonly listeners: Set<() => void>;
  /** By the revision after which was read; forgotten as soon as something changes. */
  readonly readings: Map<number, Reading>;
}

interface Reading {
  readonly atMs: number;
  readonly changes: Promise<Changes>;
}

/** A commit may say much: of each source it touched. */
export const commitsPerReading = 100;
const readingsMax = 16;
/** A store that failed to tell of a change is asked again after so long. */
const sharedMs = 1000;
