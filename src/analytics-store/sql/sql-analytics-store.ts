import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type * as Port from "../analytics-store.ts";
import { ChangeListeners } from "../change-listeners.ts";
import { checkQuery } from "../checked-query.ts";
import { checkedBatch, checkedMetadata } from "../checked-series.ts";
import { ProfiledQueries } from "../profiled-queries.ts";
import type { StoreProfiler } from "../profiler.ts";
import type { StoredSeries } from "../series.ts";
import { notOpen } from "../store-not-open.ts";
import { addBatch, nothingAdded } from "./add-batch.ts";
import { applyRules, inSteps } from "./apply-retention.ts";
import { queryBuckets } from "./bucket-query.ts";
import { changePage, noChanges } from "./change-pages.ts";
import { fromPayload, signalChannel, toPayload } from "./change-signals.ts";
import type { CommitRecord, Committed } from "./commit-record.ts";
import { deleteSeries } from "./delete-series.ts";
import { clearEmptyPaths, describePaths, pathPage, updatePath } from "./dimension-paths.ts";
import { exactIfNeeded } from "./exact-sum.ts";
import { KnownTenants } from "./known-tenants.ts";
import { Maintenance } from "./maintenance.ts";
import { namePage } from "./name-pages.ts";
import type { OpenedConnection } from "./opened-connection.ts";
import { rulesOf, setRules, tenantsWithRules } from "./retention-rules.ts";
import { migrate, withoutLog } from "./schema.ts";
import { SqlDatabase } from "./sql-database.ts";
import { safeLoggers } from "./statement-loggers.ts";
import type { StatementLoggers } from "./statements.ts";
import { storedInAll } from "./stored-in-all.ts";
import { listSeries, spanOf } from "./stored-series.ts";
import { TenantDatabase, type TenantWork } from "./tenant-database.ts";
import { deleteTenantRows } from "./tenant-deletion.ts";
import { readTenant, tenantNames } from "./tenant-row.ts";

export interface SqlAnalyticsStoreOptions extends StatementLoggers {
  readonly clock: Clock;
  /** Told of what goes wrong behind the calls: a lost connection, a listener, logger or profiler that throws. */
  readonly report: (problem: string, cause: unknown) => void;
  /** Told of every query that brings no profiler of its own. */
  readonly profiler?: StoreProfiler | undefined;
  /** From how many series of a tenant on sums of its past are remembered by the process. Default 20,000. */
  readonly pastSeriesMin?: number | undefined;
  /** About how many series are rolled up in one commit, and at least a period; 20,000 unless told: PGlite takes some seconds for them. */
  readonly retiredAtOnce?: number | undefined;
}

/** Series in PostgreSQL's tables: all that PGlite and a server have in common, which is all but how they are reached. */
export class SqlAnalyticsStore implements Port.AnalyticsStore {
  readonly #options: SqlAnalyticsStoreOptions;
  readonly #open: () => Promise<OpenedConnection>;
  readonly #listeners: ChangeListeners;
  readonly #profiled: ProfiledQueries;
  /** Tells this store's own commits among those that are heard of. */
  readonly #instance = randomUUID();
  #opening: Promise<Parts> | undefined;
  #parts: Parts | undefined;

  constructor(options: SqlAnalyticsStoreOptions, open: () => Promise<OpenedConnection>) {
    this.#options = options;
    this.#open = open;
    this.#listeners = new ChangeListeners(options.report);
    this.#profiled = new ProfiledQueries(options);
  }

  async init(): Promise<void> {
    this.#opening ??= this.#opened().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    this.#parts = await this.#opening;
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    // Whoever closes it again has nothing to close.
    this.#opening = undefined;
    const parts = await opening?.catch(() => undefined); // init() tells of it
    if (parts === undefined) return;
    this.#listeners.clear();
    await parts.connection.signals?.close();
    await parts.maintenance.close();
    await parts.database.close();
    this.#parts = undefined;
    await parts.connection.close();
  }

  async add(scope: Port.Scope, { series, request }: Port.Batch): Promise<Port.Added> {
    const { tenants } = this.#ready;
    const checked = checkedBatch(series);
    if (checked.length === 0 && request === undefined) {
      return tenants.read(scope, nothingAdded(0), async ({ row }) => nothingAdded(row.revision));
    }
    const batch = { series: checked, request };
    const signal = this.#signal(scope.tenant);
    const { added } = await this.#write(scope, (work) => addBatch(work, batch, signal));
    return added;
  }

  async delete(scope: Port.Scope, deletion: Port.Deletion): Promise<Port.Deleted> {
    const signal = this.#signal(scope.tenant);
    const { deleted } = await this.#write(scope, (work) => deleteSeries(work, deletion, signal));
    return deleted;
  }

  async query(scope: Port.Scope, query: Port.BucketQuery): Promise<Port.BucketAnswer> {
    checkQuery(query);
    const none = { groups: [], groupsTotal: 0, revision: 0 };
    const profiled = this.#profiled.of(query);
    return exactIfNeeded((exact) =>
      this.#read(scope, none, (work) => queryBuckets(work, profiled, exact)),
    );
  }

  async span(scope: Port.Scope, filter: Port.SeriesFilter): Promise<Port.SpanAnswer> {
    const none = { span: undefined, revision: 0 };
    return this.#read(scope, none, async (work) => ({
      span: await spanOf(work, filter),
      revision: work.row.revision,
    }));
  }

  async list(
    scope: Port.Scope,
    filter: Port.SeriesFilter,
    page: Port.SeriesPage,
  ): Promise<readonly StoredSeries[]> {
    return this.#read(scope, [], (work) => listSeries(work, filter, page));
  }

  async dimensions(
    scope: Port.Scope,
    page: Port.DimensionPage,
  ): Promise<readonly Port.DimensionEntry[]> {
    return this.#read(scope, [], (work) => pathPage(work, page));
  }

  async describe(
    scope: Port.Scope,
    paths: readonly Port.DimensionKey[],
  ): Promise<readonly Port.DimensionEntry[]> {
    return this.#read(scope, [], (work) => describePaths(work, paths));
  }

  async updateDimension(
    scope: Port.Scope,
    metadata: Port.DimensionMetadata,
  ): Promise<Port.DimensionEntry> {
    const checked = checkedMetadata(metadata, "dimension");
    const signal = this.#signal(scope.tenant);
    const tell = (): void => this.#listeners.tell(scope.tenant);
    return this.#ready.tenants.write(scope, (work) => updatePath(work, checked, signal), {
      committed: tell,
      unknown: tell,
    });
  }

  async clearEmptyDimensions(scope: Port.Scope): Promise<number> {
    return this.#ready.tenants.write(scope, clearEmptyPaths);
  }

  async names(scope: Port.Scope, page: Port.NamePage): Promise<readonly string[]> {
    return this.#read(scope, [], (work) => namePage(work, page));
  }

  async retention(scope: Port.Scope): Promise<readonly Port.RetentionRule[]> {
    return this.#read(scope, [], rulesOf);
  }

  async setRetention(scope: Port.Scope, rules: readonly Port.RetentionRule[]): Promise<void> {
    await this.#ready.tenants.write(scope, (work) => setRules(work, rules));
  }

  async applyRetention(scope: Port.Scope, now: number): Promise<Port.Retired> {
    const { retiredAtOnce: seriesAtOnce = retiredAtOnceDefault } = this.#options;
    const run = { now, signal: this.#signal(scope.tenant), seriesAtOnce };
    return inSteps(() =>
      exactIfNeeded((exact) => this.#write(scope, (work) => applyRules(work, { ...run, exact }))),
    );
  }

  async tenantsWithRetention(): Promise<readonly string[]> {
    return this.#ready.database.read({}, tenantsWithRules);
  }

  async changes(scope: Port.Scope, page: Port.ChangePage): Promise<Port.Changes> {
    return this.#ready.database.read(scope, async (statements) => {
      const row = await readTenant(statements, scope.tenant);
      if (row === undefined) return noChanges(page);
      return changePage({ statements, row, now: this.#options.clock.now() }, page);
    });
  }

  onChange(listener: (tenant: string) => void): () => void {
    return this.#listeners.add(listener);
  }

  async deleteTenant(tenant: string): Promise<void> {
    const { database, maintenance } = this.#ready;
    const signal = this.#signal(tenant);
    const tell = (): void => this.#listeners.tell(tenant);
    const committed = (series: number | undefined): void => {
      if (series === undefined) return;
      maintenance.noteDeleted(series);
      tell();
    };
    await database.writeInTurn({}, tenant, {
      work: (statements) => deleteTenantRows(statements, tenant, signal),
      ending: { committed, unknown: tell },
    });
  }

  async stats(): Promise<{ readonly series: number; readonly bytes: number }> {
    return this.#ready.database.read({}, storedInAll);
  }

  get #ready(): Parts {
    if (this.#parts === undefined) throw notOpen();
    return this.#parts;
  }

  #read<T>(scope: Port.Scope, absent: T, work: (tenant: TenantWork) => Promise<T>): Promise<T> {
    return this.#ready.tenants.read(scope, absent, work);
  }

  /** Of series: what is to be told of it is told when it is committed, also if its caller has gone. */
  #write<T extends Written>(
    scope: Port.Scope,
    work: (tenant: TenantWork) => Promise<T>,
  ): Promise<T> {
    return this.#ready.tenants.write(scope, work, {
      committed: ({ committed, whenCommitted }) => {
        whenCommitted?.();
        if (committed !== undefined) this.#noteCommit(scope.tenant, committed);
      },
      unknown: () => this.#listeners.tell(scope.tenant),
    });
  }

  #signal(tenant: string): CommitRecord["signal"] {
    return { channel: signalChannel, payload: toPayload(this.#instance, tenant) };
  }

  #noteCommit(tenant: string, { isGrown, deleted }: Committed): void {
    const { maintenance } = this.#ready;
    if (isGrown) maintenance.noteGrowth();
    maintenance.noteDeleted(deleted);
    this.#listeners.tell(tenant);
  }

  async #opened(): Promise<Parts> {
    const { clock, report, pastSeriesMin = pastSeriesDefault } = this.#options;
    const connection = await this.#open();
    try {
      const loggers = safeLoggers(this.#options, report);
      const database = new SqlDatabase({ ...this.#options, ...loggers, ...connection });
      await migrate(database);
      if (connection.isVolatile) await withoutLog(database);
      await connection.signals?.start((payload) => this.#hear(database, payload));
      const tenants = new TenantDatabase(database, new KnownTenants(pastSeriesMin), clock);
      const maintenance = new Maintenance({ database, vacuums: connection.vacuums, report });
      return { connection, database, tenants, maintenance };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Signals may have been lost: then everybody is told of everything. */
  #hear(database: SqlDatabase, payload: string | undefined): void {
    const { instance, tenant } = payload === undefined ? {} : fromPayload(payload);
    if (instance === this.#instance) return;
    if (tenant !== undefined) {
      this.#listeners.tell(tenant);
      return;
    }
    database.read({}, tenantNames).then(
      (names) => {
        for (const name of names) this.#listeners.tell(name);
      },
      (error) => this.#options.report("who may have changes is not known", error),
    );
  }
}

interface Parts {
  readonly connection: OpenedConnection;
  readonly database: SqlDatabase;
  readonly tenants: TenantDatabase;
  readonly maintenance: Maintenance;
}

/** What a write of series comes to; without `committed` it did nothing. */
interface Written {
  readonly committed?: Committed;
  readonly whenCommitted?: () => void;
}

const pastSeriesDefault = 20_000;
const retiredAtOnceDefault = 20_000;
