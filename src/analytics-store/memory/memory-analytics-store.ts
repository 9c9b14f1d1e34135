import { setImmediate } from "node:timers/promises";
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
  SpanAnswer,
} from "../analytics-store.ts";
import { ChangeListeners } from "../change-listeners.ts";
import { checkQuery } from "../checked-query.ts";
import { checkedMetadata } from "../checked-series.ts";
import { ProfiledQueries } from "../profiled-queries.ts";
import type { StoreProfiler } from "../profiler.ts";
import type { StoredSeries } from "../series.ts";
import { notOpen } from "../store-not-open.ts";
import { Turns } from "../turns.ts";
import { revisionAt } from "./change-history.ts";
import { TenantTable } from "./tenant-table.ts";

export interface MemoryAnalyticsStoreOptions {
  readonly clock: Clock;
  /** What all tenants' series may take together. */
  readonly bytesMax: number;
  /** How many rows lie together; 65,536 unless told. Smaller ones are split sooner, which tests want. */
  readonly chunkRowsMax?: number | undefined;
  /** Told of listeners and profilers that throw. */
  readonly report: (problem: string, cause: unknown) => void;
  /** Told of every query that brings no profiler of its own. */
  readonly profiler?: StoreProfiler | undefined;
}

/** Series in this process's memory. */
export class MemoryAnalyticsStore implements AnalyticsStore {
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #chunkRowsMax: number | undefined;
  /** Undefined: not ready yet, or closed. */
  #opened: TenantTable | undefined;
  readonly #listeners: ChangeListeners;
  readonly #profiled: ProfiledQueries;
  /** One application of a tenant's rules at a time. */
  readonly #retiring = new Turns();

  constructor(options: MemoryAnalyticsStoreOptions) {
    const { clock, bytesMax, report, chunkRowsMax } = options;
    this.#clock = clock;
    this.#bytesMax = bytesMax;
    this.#chunkRowsMax = chunkRowsMax;
    this.#listeners = new ChangeListeners(report);
    this.#profiled = new ProfiledQueries(options);
  }

  async init(): Promise<void> {
    const start = revisionAt(this.#clock.now());
    this.#opened ??= new TenantTable({ start, chunkRowsMax: this.#chunkRowsMax });
  }

  async close(): Promise<void> {
    this.#opened = undefined;
    this.#listeners.clear();
  }

  async add({ tenant: name }: Scope, { series, request }: Batch): Promise<Added> {
    const now = this.#clock.now();
    const tenant = this.#tenants.find(name);
    const answered = tenant.answered<Added>(request, now);
    if (answered !== undefined) return answered;
    const rows = tenant.read(series);
    if (series.length === 0) {
      return { firstId: 0, count: 0, revision: tenant.revision, replayed: false };
    }
    if (!tenant.fits(rows, this.#bytesMax - this.#tenants.bytesWith(name)))
      throw storeFull(this.#bytesMax);
    const added = tenant.add(rows, { request, now });
    this.#tenants.keep(name, tenant);
    this.#listeners.tell(name);
    return added;
  }

  async delete({ tenant: name }: Scope, deletion: Deletion): Promise<Deleted> {
    const now = this.#clock.now();
    const tenant = this.#tenants.find(name);
    const answered = tenant.answered<Deleted>(deletion.request, now);
    if (answered !== undefined) return answered;
    const deleted = tenant.delete(deletion, now);
    this.#tenants.keep(name, tenant);
    if (deleted.series > 0) this.#listeners.tell(name);
    return deleted;
  }

  async query({ tenant: name }: Scope, query: BucketQuery): Promise<BucketAnswer> {
    checkQuery(query);
    const tenant = this.#tenants.find(name);
    const answer = tenant.query(this.#profiled.of(query));
    // What it remembered for the next query counts.
    this.#tenants.recount(name);
    return answer;
  }

  async span({ tenant: name }: Scope, filter: SeriesFilter): Promise<SpanAnswer> {
    const tenant = this.#tenants.find(name);
    return { span: tenant.span(filter), revision: tenant.revision };
  }

  async list(
    { tenant: name }: Scope,
    filter: SeriesFilter,
    page: SeriesPage,
  ): Promise<readonly StoredSeries[]> {
    const series = this.#tenants.find(name).list(filter, page);
    // What it remembered for the next page counts.
    this.#tenants.recount(name);
    return series;
  }

  async dimensions({ tenant }: Scope, page: DimensionPage): Promise<readonly DimensionEntry[]> {
    return this.#tenants.find(tenant).dimensions(page);
  }

  async describe(
    { tenant }: Scope,
    paths: readonly DimensionKey[],
  ): Promise<readonly DimensionEntry[]> {
    return this.#tenants.find(tenant).describe(paths);
  }

  async updateDimension(
    { tenant: name }: Scope,
    metadata: DimensionMetadata,
  ): Promise<DimensionEntry> {
    const checked = checkedMetadata(metadata, "dimension");
    const tenant = this.#tenants.find(name);
    if (!tenant.fitsUpdate(checked, this.#bytesMax - this.#tenants.bytesWith(name))) {
      throw storeFull(this.#bytesMax);
    }
    const entry = tenant.updateDimension(checked);
    this.#tenants.keep(name, tenant);
    this.#listeners.tell(name);
    return entry;
  }

  async clearEmptyDimensions({ tenant: name }: Scope): Promise<number> {
    const forgotten = this.#tenants.find(name).clearEmptyDimensions();
    this.#tenants.recount(name);
    return forgotten;
  }

  async names({ tenant }: Scope, page: NamePage): Promise<readonly string[]> {
    return this.#tenants.find(tenant).names(page);
  }

  async retention({ tenant }: Scope): Promise<readonly RetentionRule[]> {
    return this.#tenants.find(tenant).rules;
  }

  async setRetention({ tenant: name }: Scope, rules: readonly RetentionRule[]): Promise<void> {
    const tenant = this.#tenants.find(name);
    tenant.rules = rules.map((rule) => ({ ...rule }));
    this.#tenants.keep(name, tenant);
  }

  /** Others have their turn between steps. */
  applyRetention(scope: Scope, now: number): Promise<Retired> {
    return this.#retiring.take(scope.tenant, async (before) => {
      await before;
      return this.#retire(scope, now);
    });
  }

  async tenantsWithRetention(): Promise<readonly string[]> {
    return this.#tenants.withRules;
  }

  async changes({ tenant }: Scope, page: ChangePage): Promise<Changes> {
    return this.#tenants.find(tenant).changes(page, this.#clock.now());
  }

  onChange(listener: (tenant: string) => void): () => void {
    return this.#listeners.add(listener);
  }

  async deleteTenant(name: string): Promise<void> {
    if (this.#tenants.delete(name)) this.#listeners.tell(name);
  }

  async stats(): Promise<{ readonly series: number; readonly bytes: number }> {
    const { series, bytes } = this.#tenants;
    return { series, bytes };
  }

  get #tenants(): TenantTable {
    if (this.#opened === undefined) throw notOpen();
    return this.#opened;
  }

  /** Until the caller has gone, or the tenant. */
  async #retire({ tenant: name, signal }: Scope, now: number): Promise<Retired> {
    const tenant = this.#tenants.find(name);
    let [deleted, rollups] = [0, 0];
    for (const step of tenant.retire(now, this.#clock)) {
      deleted += step.deleted;
      rollups += step.rollups;
      this.#tenants.recount(name);
      if (step.deleted > 0) this.#listeners.tell(name);
      await setImmediate();
      if (signal?.aborted === true || this.#tenants.find(name) !== tenant) break;
    }
    return { deleted, rollups };
  }
}

const storeFull = (bytesMax: number): TiffinError =>
  new TiffinError(
    "store_full",
    `the series in memory are full: TIFFIN_ANALYTICS_MEMORY_MAX_BYTES is ${bytesMax}; delete some, set a retention, or raise it`,
    { metadata: { limit: "TIFFIN_ANALYTICS_MEMORY_MAX_BYTES", max: String(bytesMax) } },
  );
