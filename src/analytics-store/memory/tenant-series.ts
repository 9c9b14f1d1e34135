import type { Clock } from "../../clock.ts";
import type {
  Added,
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
  IdentifiedRequest,
  NamePage,
  RetentionRule,
  Retired,
  SeriesFilter,
  SeriesPage,
  SeriesRevision,
  Span,
} from "../analytics-store.ts";
import { CellColumn } from "../cell-column.ts";
import type { NewSeries, StoredSeries } from "../series.ts";
import { applyRule, type Settled } from "./apply-rule.ts";
import { bytesOf, mostBytesOf } from "./batch-cost.ts";
import { bucketAnswer } from "./bucket-answer.ts";
import { ChangeHistory, revisionAt } from "./change-history.ts";
import type { ChangeTally } from "./change-tally.ts";
import { DimensionTable } from "./dimension-table.ts";
import { type NewRows, newRows } from "./new-rows.ts";
import { pageOfNames } from "./page-of-names.ts";
import { RememberedGroupings } from "./remembered-groupings.ts";
import { RememberedRequests } from "./remembered-requests.ts";
import { isInTime, mayMean, meansRow } from "./row-filter.ts";
import { rowsById } from "./rows-by-id.ts";
import { spanOf } from "./span-of.ts";
import { TenantRows } from "./tenant-rows.ts";

/** All that is one tenant's. */
export class TenantSeries {
  rules: readonly RetentionRule[] = [];
  /** How far each of the rules was applied. */
  readonly #settled = new WeakMap<RetentionRule, Settled>();
  readonly #all: TenantRows;
  readonly #groupings = new RememberedGroupings();
  readonly #dimensions = new DimensionTable();
  readonly #requests = new RememberedRequests<Added | Deleted>();
  readonly #history: ChangeHistory;

  constructor(revision: SeriesRevision, chunkRowsMax?: number) {
    this.#all = new TenantRows(chunkRowsMax);
    this.#history = new ChangeHistory(revision);
  }

  get revision(): SeriesRevision {
    return this.#history.head;
  }

  get size(): number {
    return this.#all.rows.size;
  }

  get bytes(): number {
    return [this.#all, this.#groupings, this.#dimensions, this.#requests, this.#history].reduce(
      (sum, { bytes }) => sum + bytes,
      bytesPerTenant,
    );
  }

  /** What the request was answered before. */
  answered<Answer extends Added | Deleted>(
    request: IdentifiedRequest | undefined,
    now: number,
  ): Answer | undefined {
    const answer = this.#requests.find(request, now) as Answer | undefined;
    return answer === undefined ? undefined : { ...answer, replayed: true };
  }

  /** The batch as it can be added; refuses the first row that cannot be stored. */
  read(series: readonly NewSeries[]): NewRows {
    return newRows(series, this.#all);
  }

  /** Whether the batch takes so many bytes more at most. */
  fits(rows: NewRows, bytes: number): boolean {
    return mostBytesOf(rows, this.#all) <= bytes || bytesOf(rows, this.#all) <= bytes;
  }

  add(
    rows: NewRows,
    { request, now }: { readonly request: IdentifiedRequest | undefined; readonly now: number },
  ): Added {
    const tally = this.#all.tally();
    const count = rows.starts.length;
    const firstId = this.#all.lastId + 1;
    for (let at = 0; at < count; at++) {
      const row = this.#all.newRow(rows, at);
      this.#all.add(row, tally);
      if (this.#all.entered.get(row.cell) === 0) this.#enter(row.cell);
    }
    for (const { dimensionMetadata } of rows.checked.values()) {
      for (const metadata of dimensionMetadata) this.#dimensions.update(metadata);
    }
    const revision = this.#commit(tally, now);
    const answer = { firstId, count, revision, replayed: false };
    this.#requests.remember(request, answer, now);
    return answer;
  }

  delete({ filter, request, clearEmptyDimensions }: Deletion, now: number): Deleted {
    const meant = this.#all.filter(filter);
    const tally = this.#all.tally();
    const series = this.#all.remove(
      (chunk, at) => isInTime(meant, chunk, at) && meansRow(meant, chunk, at),
      { mayBeIn: (chunk) => mayMean(meant, chunk), tally },
    );
    const dimensions = clearEmptyDimensions === true ? this.clearEmptyDimensions() : 0;
    const revision = series > 0 ? this.#commit(tally, now) : this.revision;
    const answer = { series, dimensions, revision, replayed: false };
    this.#requests.remember(request, answer, now);
    return answer;
  }

  query(query: BucketQuery): BucketAnswer {
    const { cells, rows, firstStarts } = this.#all;
    const groupings = this.#groupings;
    const answer = bucketAnswer(query, { cells, rows, firstStarts, groupings });
    return { ...answer, revision: this.revision };
  }

  span(filter: SeriesFilter): Span | undefined {
    return spanOf(this.#all.rows.chunks, this.#all.filter(filter));
  }

  list(filter: SeriesFilter, page: SeriesPage): StoredSeries[] {
    const rows = rowsById(this.#all.rows, this.#all.filter(filter), page);
    return rows.map((row) => this.#all.stored(row));
  }

  dimensions(page: DimensionPage): DimensionEntry[] {
    return this.#dimensions.page(page);
  }

  describe(paths: readonly DimensionKey[]): DimensionEntry[] {
    const { population, cells } = this.#all;
    return paths.flatMap((key) => {
      const entry = this.#dimensions.find(key);
      if (entry === undefined) return [];
      const { dimension, path, label, icon, description } = entry;
      const isSaid = label !== "" || icon !== "" || description !== "";
      return isSaid || population.pathsOf(cells).get(dimension)?.has(path) ? [entry] : [];
    });
  }

  /** Whether an update takes so many bytes more at most; one that takes none always fits. */
  fitsUpdate(metadata: DimensionMetadata, bytes: number): boolean {
    return this.#dimensions.growthBy(metadata) <= Math.max(0, bytes);
  }

  updateDimension(metadata: DimensionMetadata): DimensionEntry {
    return this.#dimensions.update(metadata);
  }

  clearEmptyDimensions(): number {
    const { population, cells } = this.#all;
    const forgotten = this.#dimensions.forgetBut(population.pathsOf(cells));
    if (forgotten > 0) this.#all.entered = new CellColumn();
    return forgotten;
  }

  names(page: NamePage): string[] {
    return pageOfNames(this.#all, page);
  }

  /** Applies the rules as of `now`, step by step; each is a commit, made when the clock says. Ends where there are other rules by then. */
  *retire(now: number, clock: Clock): Generator<Retired> {
    const { rules } = this;
    for (const rule of rules) {
      const steps = applyRule(this.#all, rule, { now, before: this.#settled.get(rule) });
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) {
        const { deleted, rollups, tally } = step.value;
        if (deleted > 0) this.#commit(tally, clock.now());
        yield { deleted, rollups };
        if (this.rules !== rules) return;
      }
      this.#settled.set(rule, step.value);
    }
  }

  changes(page: ChangePage, now: number): Changes {
    return this.#history.after(page, now);
  }

  #enter(cell: number): void {
    for (const [dimension, path] of this.#all.cells.at(cell).dimensions) {
      this.#dimensions.see(dimension, path);
    }
    this.#all.entered.set(cell, 1);
  }

  #commit(tally: ChangeTally, now: number): SeriesRevision {
    const revision = Math.max(this.revision + 1, revisionAt(now));
    this.#history.push(revision, tally.changes, now);
    return revision;
  }
}

/** What takes a tenant that has nothing, about: a hundred small tables. */
export const bytesPerTenant = 10_000;
