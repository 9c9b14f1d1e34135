import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import type {
  Added,
  AnalyticsStore,
  Batch,
  BucketAnswer,
  BucketQuery,
  ChangePage,
  Changes,
  Deleted,
  Deletion,
  DimensionEntry,
  DimensionKey,
  DimensionMetadata,
  DimensionPage,
  NamePage,
  RetentionRule,
  Retired,
  Scope,
  SeriesFilter,
  SeriesPage,
  SeriesRevision,
  Span,
} from "../analytics-store.ts";
import { checkedBatch, checkedMetadata } from "../checked-series.ts";
import type { StoredSeries } from "../series.ts";
import { revisionAt } from "./change-history.ts";
import { TenantSeries } from "./tenant-series.ts";

export interface MemoryAnalyticsStoreOptions {
  readonly clock: Clock;
  /** What all tenants' series may take together. */
  readonly bytesMax: number;
  /** Told of listeners that throw. */
  readonly report: (problem: string, cause: unknown) => void;
}

/** Series in this process's memory. */
export class MemoryAnalyticsStore implements AnalyticsStore {
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #report: MemoryAnalyticsStoreOptions["report"];
  readonly #tenants = new Map<string, TenantSeries>();
  readonly #listeners = new Set<(tenant: string) => void>();
  /** What a tenant begins at: no revision of one that was deleted is issued again. */
  #firstRevision: SeriesRevision;

  constructor({ clock, bytesMax, report }: MemoryAnalyticsStoreOptions) {
    this.#clock = clock;
    this.#bytesMax = bytesMax;
    this.#report = report;
    this.#firstRevision = revisionAt(clock.now());
  }

  async init(): Promise<void> {}

  async close(): Promise<void> {
    this.#tenants.clear();
    this.#listeners.clear();
  }

  async add({ tenant: name }: Scope, { series, request }: Batch): Promise<Added> {
    const now = this.#clock.now();
    const tenant = this.#tenant(name);
    const answered = tenant.answered<Added>(request, now);
    if (answered !== undefined) return answered;
    const checked = checkedBatch(series);
    if (checked.length === 0) {
      return { firstId: 0, count: 0, revision: tenant.revision, replayed: false };
    }
    if (this.#bytes + checked.length * bytesPerSeries > this.#bytesMax) {
      throw storeFull(this.#bytesMax);
    }
    this.#tenants.set(name, tenant);
    const added = tenant.add(checked, { request, now });
    this.#tell(name);
    return added;
  }

  async delete({ tenant: name }: Scope, deletion: Deletion): Promise<Deleted> {
    const now = this.#clock.now();
    const tenant = this.#tenant(name);
    const answered = tenant.answered<Deleted>(deletion.request, now);
    if (answered !== undefined) return answered;
    const deleted = tenant.delete(deletion, now);
    if (deleted.series > 0) this.#tell(name);
    return deleted;
  }

  async query({ tenant }: Scope, query: BucketQuery): Promise<BucketAnswer> {
    return this.#tenant(tenant).query(query);
  }

  async span({ tenant }: Scope, filter: SeriesFilter): Promise<Span | undefined> {
    return this.#tenant(tenant).span(filter);
  }

  async list(
    { tenant }: Scope,
    filter: SeriesFilter,
    page: SeriesPage,
  ): Promise<readonly StoredSeries[]> {
    return this.#tenant(tenant).list(filter, page);
  }

  async dimensions({ tenant }: Scope, page: DimensionPage): Promise<readonly DimensionEntry[]> {
    return this.#tenant(tenant).dimensions(page);
  }

  async describe(
    { tenant }: Scope,
    paths: readonly DimensionKey[],
  ): Promise<readonly DimensionEntry[]> {
    return this.#tenant(tenant).describe(paths);
  }

  async updateDimension(
    { tenant: name }: Scope,
    metadata: DimensionMetadata,
  ): Promise<DimensionEntry> {
    const checked = checkedMetadata(metadata, "dimension");
    return this.#kept(name).updateDimension(checked);
  }

  async clearEmptyDimensions({ tenant }: Scope): Promise<number> {
    return this.#tenant(tenant).clearEmptyDimensions();
  }

  async names({ tenant }: Scope, page: NamePage): Promise<readonly string[]> {
    return this.#tenant(tenant).names(page);
  }

  async retention({ tenant }: Scope): Promise<readonly RetentionRule[]> {
    return this.#tenant(tenant).rules;
  }

  async setRetention({ tenant }: Scope, rules: readonly RetentionRule[]): Promise<void> {
    this.#kept(tenant).rules = [...rules];
  }

  async applyRetention({ tenant: name }: Scope, now: number): Promise<Retired> {
    const retired = this.#tenant(name).applyRetention(now, this.#clock.now());
    if (retired.deleted > 0) this.#tell(name);
    return retired;
  }

  async tenantsWithRetention(): Promise<readonly string[]> {
    return [...this.#tenants].filter(([, { rules }]) => rules.length > 0).map(([name]) => name);
  }

  async changes({ tenant }: Scope, page: ChangePage): Promise<Changes> {
    // Kept from now on: what it begins at is promised to whoever asks for what comes after it.
    return this.#kept(tenant).changes(page, this.#clock.now());
  }

  onChange(listener: (tenant: string) => void): () => void {
    const own = (tenant: string): void => listener(tenant);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async deleteTenant(name: string): Promise<void> {
    const tenant = this.#tenants.get(name);
    if (tenant === undefined) return;
    this.#tenants.delete(name);
    this.#firstRevision = Math.max(this.#firstRevision, tenant.revision + 1);
    this.#tell(name);
  }

  async stats(): Promise<{ readonly series: number; readonly bytes: number }> {
    let series = 0;
    for (const tenant of this.#tenants.values()) series += tenant.size;
    return { series, bytes: this.#bytes };
  }

  /** The tenant; one that is not kept yet, if there is none. */
  #tenant(name: string): TenantSeries {
    return this.#tenants.get(name) ?? new TenantSeries(this.#firstRevision);
  }

  #kept(name: string): TenantSeries {
    const tenant = this.#tenant(name);
    this.#tenants.set(name, tenant);
    return tenant;
  }

  #tell(tenant: string): void {
    for (const listener of this.#listeners) {
      try {
        listener(tenant);
      } catch (error) {
        // The commit is made: what a listener does wrong is not its caller's concern.
        this.#report("a listener of changes of series threw", error);
      }
    }
  }

  get #bytes(): number {
    let bytes = 0;
    for (const tenant of this.#tenants.values()) bytes += tenant.bytes;
    return bytes;
  }
}

const storeFull = (bytesMax: number): TiffinError =>
  new TiffinError(
    "store_full",
    `the series in memory are full: TIFFIN_ANALYTICS_MEMORY_MAX_BYTES is ${bytesMax}; delete some, set a retention, or raise it`,
    { metadata: { limit: "TIFFIN_ANALYTICS_MEMORY_MAX_BYTES", max: String(bytesMax) } },
  );

const bytesPerSeries = 64;
