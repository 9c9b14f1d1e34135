import type * as Port from "../../src/analytics-store/analytics-store.ts";
import { checkQuery } from "../../src/analytics-store/checked-query.ts";
import { checkedBatch, checkedMetadata } from "../../src/analytics-store/checked-series.ts";
import type { Clock } from "../../src/clock.ts";
import { TiffinError } from "../../src/errors.ts";
import { isAtOrBelow, meansRow } from "./naive-matching.ts";
import { naiveQuery } from "./naive-query.ts";
import { retire } from "./naive-retention.ts";
import { type NaiveRow, pathIn, rowOf, storedOf } from "./naive-row.ts";
import { changesOf, NaiveTenant } from "./naive-tenant.ts";

/** The port done the plainest way: arrays of rows that are looked through from end to end. The engines are compared with it. */
export class NaiveAnalyticsStore implements Port.AnalyticsStore {
  readonly #clock: Clock;
  readonly #tenants = new Map<string, NaiveTenant>();
  /** Outlives the tenant: a revision is never used twice. */
  readonly #revisions = new Map<string, number>();
  readonly #listeners = new Set<(tenant: string) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async init(): Promise<void> {}

  async close(): Promise<void> {}

  async add({ tenant: name }: Port.Scope, { series, request }: Port.Batch): Promise<Port.Added> {
    const tenant = this.#tenant(name);
    const replayed = this.#replay<Port.Added>(tenant, request);
    if (replayed !== undefined) return replayed;
    const rows = checkedBatch(series).map((one, at) => ({
      ...rowOf(one, tenant.nextId + at),
      said: one.dimensionMetadata,
    }));
    if (rows.length === 0) {
      return { firstId: 0, count: 0, revision: this.#revision(name), replayed: false };
    }
    const firstId = tenant.nextId;
    tenant.nextId += rows.length;
    for (const { said, ...row } of rows) {
      tenant.rows.push(row);
      tenant.see(row);
      for (const metadata of said) tenant.say(metadata);
    }
    const revision = this.#commit(name, rows, []);
    const answer = { firstId, count: rows.length, revision, replayed: false };
    this.#remember(tenant, request, answer);
    return answer;
  }

  async delete({ tenant: name }: Port.Scope, deletion: Port.Deletion): Promise<Port.Deleted> {
    const tenant = this.#tenant(name);
    const replayed = this.#replay<Port.Deleted>(tenant, deletion.request);
    if (replayed !== undefined) return replayed;
    const gone = tenant.rows.filter((row) => meansRow(deletion.filter, row));
    tenant.rows = tenant.rows.filter((row) => !gone.includes(row));
    const dimensions = deletion.clearEmptyDimensions ? tenant.clearEmpty() : 0;
    const revision = gone.length > 0 ? this.#commit(name, [], gone) : this.#revision(name);
    const answer = { series: gone.length, dimensions, revision, replayed: false };
    this.#remember(tenant, deletion.request, answer);
    return answer;
  }

  async query({ tenant }: Port.Scope, query: Port.BucketQuery): Promise<Port.BucketAnswer> {
    checkQuery(query);
    query.profiler?.stage("everything", 0);
    query.profiler?.plan?.("every row");
    return { ...naiveQuery(this.#tenant(tenant), query), revision: this.#revision(tenant) };
  }

  async span(scope: Port.Scope, filter: Port.SeriesFilter): Promise<Port.SpanAnswer> {
    const rows = this.#rows(scope, filter);
    const firstStart = Math.min(...rows.map((row) => row.start));
    const lastEnd = Math.max(...rows.map((row) => row.end ?? row.start));
    const span = rows.length === 0 ? undefined : { firstStart, lastEnd };
    return { span, revision: this.#revision(scope.tenant) };
  }

  async list(scope: Port.Scope, filter: Port.SeriesFilter, { afterId, limit }: Port.SeriesPage) {
    return this.#rows(scope, filter)
      .filter((row) => row.id > afterId)
      .sort((a, b) => a.id - b.id)
      .slice(0, limit)
      .map(storedOf);
  }

  async dimensions({ tenant }: Port.Scope, page: Port.DimensionPage) {
    return this.#tenant(tenant)
      .dimensions.filter((one) => page.dimension === undefined || one.dimension === page.dimension)
      .filter((one) => page.path === undefined || isAtOrBelow(one.path, page.path))
      .filter((one) => page.after === undefined || byNameAndPath(one, page.after) > 0)
      .sort(byNameAndPath)
      .slice(0, page.limit);
  }

  async describe({ tenant }: Port.Scope, paths: readonly Port.DimensionKey[]) {
    const { dimensions, rows } = this.#tenant(tenant);
    return dimensions
      .filter((one) => paths.some((key) => byNameAndPath(one, key) === 0))
      .filter(
        ({ dimension, path, label, icon, description }) =>
          label + icon + description !== "" || rows.some((row) => pathIn(row, dimension) === path),
      );
  }

  async updateDimension({ tenant }: Port.Scope, metadata: Port.DimensionMetadata) {
    const said = this.#tenant(tenant).say(checkedMetadata(metadata, "dimension"));
    this.#tell(tenant);
    return said;
  }

  async clearEmptyDimensions({ tenant }: Port.Scope): Promise<number> {
    return this.#tenant(tenant).clearEmpty();
  }

  async names({ tenant }: Port.Scope, { of, path, after, limit }: Port.NamePage) {
    const names = new Set(this.#tenant(tenant).rows.map((row) => row[of]));
    return [...names]
      .filter((name) => name !== "" && (path === undefined || isAtOrBelow(name, path)))
      .filter((name) => after === undefined || byBytes(name, after) > 0)
      .sort(byBytes)
      .slice(0, limit);
  }

  async retention({ tenant }: Port.Scope): Promise<readonly Port.RetentionRule[]> {
    return this.#tenant(tenant).rules;
  }

  async setRetention({ tenant }: Port.Scope, rules: readonly Port.RetentionRule[]): Promise<void> {
    this.#tenant(tenant).rules = rules;
  }

  async applyRetention({ tenant: name }: Port.Scope, now: number): Promise<Port.Retired> {
    const tenant = this.#tenant(name);
    const all: NaiveRow[] = [];
    const made: NaiveRow[] = [];
    for (const rule of tenant.rules) {
      const { gone, rollups } = retire(tenant.rows, rule, { now, nextId: tenant.nextId });
      tenant.nextId += rollups.length;
      tenant.rows = [...tenant.rows.filter((row) => !gone.includes(row)), ...rollups];
      all.push(...gone);
      made.push(...rollups);
    }
    if (all.length > 0) this.#commit(name, made, all);
    return { deleted: all.length, rollups: made.length };
  }

  async tenantsWithRetention(): Promise<readonly string[]> {
    return [...this.#tenants].flatMap(([name, { rules }]) => (rules.length > 0 ? [name] : []));
  }

  async changes({ tenant: name }: Port.Scope, page: Port.ChangePage): Promise<Port.Changes> {
    const { after } = page;
    const head = this.#revision(name);
    if (after === undefined) return { commits: [], head };
    const { commits } = this.#tenant(name);
    const remembered = commits
      .slice(-commitsMax)
      .filter((commit) => commit.at > this.#clock.now() - changesMs);
    const forgotten = commits.slice(0, commits.length - remembered.length).at(-1)?.revision ?? 0;
    if (after > head || after < forgotten) {
      throw new TiffinError("history_gone", "these changes are not remembered");
    }
    const later = remembered.filter((commit) => commit.revision > after);
    const answered = later.slice(0, page.limit).map(({ revision, sources }) => ({
      ...{ revision, sources },
    }));
    return { commits: answered, head: answered.length < later.length ? lastOf(answered) : head };
  }

  onChange(listener: (tenant: string) => void): () => void {
    const own = (tenant: string): void => listener(tenant);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async deleteTenant(tenant: string): Promise<void> {
    this.#tenants.delete(tenant);
  }

  async stats(): Promise<{ series: number; bytes: number }> {
    const series = [...this.#tenants.values()].reduce((sum, { rows }) => sum + rows.length, 0);
    return { series, bytes: series };
  }

  #tenant(name: string): NaiveTenant {
    const tenant = this.#tenants.get(name) ?? new NaiveTenant();
    this.#tenants.set(name, tenant);
    return tenant;
  }

  #rows({ tenant }: Port.Scope, filter: Port.SeriesFilter): NaiveRow[] {
    return this.#tenant(tenant).rows.filter((row) => meansRow(filter, row));
  }

  #revision(tenant: string): number {
    return this.#revisions.get(tenant) ?? 0;
  }

  #commit(name: string, added: readonly NaiveRow[], deleted: readonly NaiveRow[]): number {
    const now = this.#clock.now();
    const revision = Math.max(this.#revision(name) + 1, now * 1000);
    this.#revisions.set(name, revision);
    this.#tenant(name).commits.push({ revision, sources: changesOf(added, deleted), at: now });
    this.#tell(name);
    return revision;
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) {
      try {
        listener(name);
      } catch {
        // What a listener throws is nobody's concern.
      }
    }
  }

  #replay<Answer extends object>(
    { requests }: NaiveTenant,
    request: Port.IdentifiedRequest | undefined,
  ): Answer | undefined {
    const known = request && requests.get(request.id);
    if (known === undefined || known.at <= this.#clock.now() - requestMs) return undefined;
    if (known.digest !== request?.digest) {
      throw new TiffinError("request_id_reused", "the request id was used for another request");
    }
    return { ...known.answer, replayed: true } as unknown as Answer;
  }

  #remember(
    { requests }: NaiveTenant,
    request: Port.IdentifiedRequest | undefined,
    answer: object,
  ): void {
    if (request === undefined) return;
    requests.set(request.id, { digest: request.digest, answer, at: this.#clock.now() });
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const byNameAndPath = (a: Port.DimensionKey, b: Port.DimensionKey): number =>
  byBytes(a.dimension, b.dimension) || byBytes(a.path, b.path);

const lastOf = (commits: readonly Port.CommitChanges[]): number => commits.at(-1)?.revision ?? 0;

const commitsMax = 10_000;
const changesMs = 3_600_000;
const requestMs = 600_000;
