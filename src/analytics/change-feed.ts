import type { AnalyticsStore, SourceChange } from "../analytics-store/analytics-store.ts";
import type { Clock } from "../clock.ts";
import { GatheredChanges } from "./gathered-changes.ts";

/** What has changed since a revision: all of it, or as much as is sent at once. */
export interface Gathered {
  /** One for each source, in the order of first change. */
  readonly changes: readonly SourceChange[];
  /** Up to here nothing is left. */
  readonly position: number;
  /** More was there already. */
  readonly isBehind: boolean;
}

/**
 * Tells the watches of a tenant that something has changed, and gathers for all of them what: of many that have come equally far one asks
 * the store and goes through the commits.
 */
export class ChangeFeed {
  readonly #series: AnalyticsStore;
  readonly #clock: Clock;
  readonly #tenants = new Map<string, FollowedTenant>();
  readonly #stop: () => void;

  constructor(series: AnalyticsStore, clock: Clock) {
    this.#series = series;
    this.#clock = clock;
    this.#stop = series.onChange((tenant) => this.#wake(tenant));
  }

  close(): void {
    this.#stop();
  }

  /** Calls back after changes of the tenant's series; perhaps for nothing. Answers how to end it. */
  follow(tenant: string, onChange: () => void): () => void {
    const followed = this.#tenants.get(tenant) ?? { listeners: new Set(), gatherings: new Map() };
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

  /** The tenant has gone: what was gathered is not told any more. */
  forget(tenant: string): void {
    this.#tenants.get(tenant)?.gatherings.clear();
    this.#wake(tenant);
  }

  #wake(tenant: string): void {
    const followed = this.#tenants.get(tenant);
    if (followed === undefined) return;
    for (const gathering of followed.gatherings.values()) gathering.isOutdated = true;
    for (const listener of followed.listeners) listener();
  }

  /**
   * What has changed of the tenant after the revision; `history_gone` as the store has it. It may be what another watch was told a moment
   * ago: then who follows is called back again, if something has changed since.
   */
  gather(tenant: string, after: number): Promise<Gathered> {
    const gatherings = this.#tenants.get(tenant)?.gatherings;
    const now = this.#clock.now();
    const known = gatherings?.get(after);
    if (known !== undefined && now >= known.atMs && now - known.atMs < sharedMs) {
      if (known.isOutdated) this.#wakeLater(tenant);
      return known.gathered;
    }
    const gathered = gatherAfter(this.#series, tenant, after);
    if (gatherings === undefined) return gathered;
    if (gatherings.size >= gatheringsMax) gatherings.clear();
    const gathering = { atMs: now, gathered, isOutdated: false };
    gatherings.set(after, gathering);
    gathered.catch(() => gatherings.delete(after));
    return gathered;
  }

  #wakeLater(tenant: string): void {
    const followed = this.#tenants.get(tenant);
    if (followed === undefined || followed.isWaking) return;
    followed.isWaking = true;
    this.#clock.after(sharedMs, () => {
      followed.isWaking = false;
      for (const listener of followed.listeners) listener();
    });
  }
}

interface FollowedTenant {
  readonly listeners: Set<() => void>;
  /** By the revision after which was gathered. */
  readonly gatherings: Map<number, Gathering>;
  isWaking?: boolean;
}

interface Gathering {
  readonly atMs: number;
  readonly gathered: Promise<Gathered>;
  /** Something has changed since. */
  isOutdated: boolean;
}

async function gatherAfter(
  series: AnalyticsStore,
  tenant: string,
  after: number,
): Promise<Gathered> {
  const changes = new GatheredChanges();
  for (let at = after; ; ) {
    // In nobody's name, as others may wait for it too.
    const { commits, head } = await series.changes({ tenant }, { after: at, limit: commitsMax });
    for (const commit of commits) {
      changes.add(commit);
      at = commit.revision;
      if (changes.bytes >= bytesMax) return { changes: changes.all, position: at, isBehind: true };
    }
    if (commits.length < commitsMax) {
      return { changes: changes.all, position: Math.max(at, head), isBehind: false };
    }
  }
}

/** A commit may say much: of each source it touched. */
const commitsMax = 100;
/** About so much is gathered for one message or a few. */
const bytesMax = 1024 * 1024;
/** Of watches that are not equally far each needs its own. */
const gatheringsMax = 16;
/** While many changes and many watches come together, how often they are gone through for all. */
const sharedMs = 20;
