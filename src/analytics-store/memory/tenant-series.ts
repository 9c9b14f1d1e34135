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
  RollupPeriod,
  SeriesFilter,
  SeriesPage,
  SeriesRevision,
  Span,
} from "../analytics-store.ts";
import { Cells } from "../cells.ts";
import { byCodePoints } from "../code-points.ts";
import { Interned } from "../interned.ts";
import { isWithin } from "../path.ts";
import type { CheckedSeries, StoredSeries } from "../series.ts";
import { bucketAnswer } from "./bucket-answer.ts";
import { ChangeHistory, revisionAt } from "./change-history.ts";
import { ChangeTally } from "./change-tally.ts";
import { DimensionTable } from "./dimension-table.ts";
import { RememberedRequests } from "./remembered-requests.ts";
import { merged, passedRows, rollupPlaces, startOfPeriod } from "./retention.ts";
import type { Row, RowExtra } from "./row.ts";
import { meansRow, rowFilter } from "./row-filter.ts";
import { SeriesRows } from "./series-rows.ts";

/** All that is one tenant's. */
export class TenantSeries {
  readonly #cells = new Cells();
  readonly #sources = new Interned();
  readonly #rows = new SeriesRows();
  readonly #dimensions = new DimensionTable();
  readonly #requests = new RememberedRequests<Added | Deleted>();
  readonly #history: ChangeHistory;
  #rules: readonly RetentionRule[] = [];
  #nextId = 1;

  constructor(revision: SeriesRevision) {
    this.#history = new ChangeHistory(revision);
  }

  get revision(): SeriesRevision {
    return this.#history.head;
  }

  get size(): number {
    return this.#rows.size;
  }

  get bytes(): number {
    return (
      this.#rows.bytes +
      this.#dimensions.bytes +
      this.#requests.bytes +
      this.#history.bytes +
      this.#cells.size * 300
    );
  }

  get rules(): readonly RetentionRule[] {
    return this.#rules;
  }

  set rules(rules: readonly RetentionRule[]) {
    this.#rules = rules;
  }

  /** What the request was answered before. */
  answered<Answer extends Added | Deleted>(
    request: IdentifiedRequest | undefined,
    now: number,
  ): Answer | undefined {
    const answer = this.#requests.find(request, now) as Answer | undefined;
    return answer === undefined ? undefined : { ...answer, replayed: true };
  }

  add(
    series: readonly CheckedSeries[],
    { request, now }: { readonly request: IdentifiedRequest | undefined; readonly now: number },
  ): Added {
    const firstId = this.#nextId;
    const tally = this.#tally();
    const rows = series.map((one, index) => this.#toRow(one, firstId + index));
    this.#nextId += rows.length;
    this.#rows.add(rows);
    for (const row of rows) tally.count(row, "added");
    const revision = this.#commit(tally, now);
    const answer = { firstId, count: rows.length, revision, replayed: false };
    this.#requests.remember(request, answer, now);
    return answer;
  }

  delete({ filter, request, clearEmptyDimensions }: Deletion, now: number): Deleted {
    const meant = rowFilter(filter, { cells: this.#cells, sources: this.#sources });
    const taken = this.#rows.take((row) => meansRow(meant, row));
    const tally = this.#tally();
    for (const row of taken) tally.count(row, "deleted");
    const dimensions = clearEmptyDimensions === true ? this.clearEmptyDimensions() : 0;
    const revision = taken.length > 0 ? this.#commit(tally, now) : this.revision;
    const answer = { series: taken.length, dimensions, revision, replayed: false };
    if (taken.length > 0 || dimensions > 0) this.#requests.remember(request, answer, now);
    return answer;
  }

  query(query: BucketQuery): BucketAnswer {
    const answer = bucketAnswer(query, this.#cells, this.#rows.sorted);
    return { ...answer, revision: this.revision };
  }

  span(filter: SeriesFilter): Span | undefined {
    const rows = this.#meant(filter);
    if (rows.length === 0) return undefined;
    return {
      firstStart: (rows[0] as Row).start,
      lastEnd: rows.reduce(
        (last, { start, extra }) => Math.max(last, extra?.end ?? start),
        Number.NEGATIVE_INFINITY,
      ),
    };
  }

  list(filter: SeriesFilter, { afterId, limit }: SeriesPage): StoredSeries[] {
    return this.#meant(filter)
      .filter(({ id }) => id > afterId)
      .sort((a, b) => a.id - b.id)
      .slice(0, limit)
      .map((row) => this.#stored(row));
  }

  dimensions(page: DimensionPage): DimensionEntry[] {
    return this.#dimensions.page(page);
  }

  describe(paths: readonly DimensionKey[]): DimensionEntry[] {
    const live = this.#livePaths();
    return paths.flatMap((key) => {
      const entry = this.#dimensions.find(key);
      if (entry === undefined) return [];
      const { label, icon, description } = entry;
      if (label + icon + description !== "") return [entry];
      return live.get(key.dimension)?.has(key.path) === true ? [entry] : [];
    });
  }

  updateDimension(metadata: DimensionMetadata): DimensionEntry {
    return this.#dimensions.update(metadata);
  }

  clearEmptyDimensions(): number {
    const live = this.#livePaths();
    return this.#dimensions.forget((dimension, path) => {
      const paths = live.get(dimension);
      return paths !== undefined && [...paths].some((there) => isWithin(there, path));
    });
  }

  names({ of, path, after, limit }: NamePage): string[] {
    const names = new Set<string>();
    for (const row of this.#rows.sorted) {
      if (of === "metric") names.add(this.#cells.metricOf(row.cell));
      else if (of === "unit") names.add(this.#cells.unitOf(row.cell));
      else names.add(this.#sources.at(row.source));
    }
    return [...names]
      .filter((name) => name !== "" && (path === undefined || isWithin(name, path)))
      .filter((name) => after === undefined || byCodePoints(name, after) > 0)
      .sort(byCodePoints)
      .slice(0, limit);
  }

  applyRetention(now: number, at: number): Retired {
    const tally = this.#tally();
    let deleted = 0;
    let rollups = 0;
    for (const rule of this.#rules) {
      const retired = this.#applyRule(rule, now, tally);
      deleted += retired.deleted;
      rollups += retired.rollups;
    }
    if (deleted > 0) this.#commit(tally, at);
    return { deleted, rollups };
  }

  changes(page: ChangePage, now: number): Changes {
    return this.#history.after(page, now);
  }

  #applyRule(rule: RetentionRule, now: number, tally: ChangeTally): Retired {
    const all = this.#rows.sorted.filter(
      ({ source, cell }) =>
        (rule.source === undefined || isWithin(this.#sources.at(source), rule.source)) &&
        (rule.metric === undefined || this.#cells.metricOf(cell) === rule.metric),
    );
    const going = passedRows(all, rule, now).filter((row) => this.#mayGo(row, now));
    let goes = new Set(going);
    const rollups: Row[] = [];
    const { rollUp } = rule;
    if (rollUp !== undefined) {
      const places = rollupPlaces(all, goes, this.#placeOf(rollUp));
      goes = new Set(places.flat());
      for (const rows of places) rollups.push(this.#rollup(rows));
    }
    const taken = this.#rows.take((row) => goes.has(row));
    for (const row of taken) tally.count(row, "deleted");
    this.#rows.add(rollups);
    for (const row of rollups) tally.count(row, "added");
    return { deleted: taken.length, rollups: rollups.length };
  }

  #placeOf(period: RollupPeriod): (row: Row) => string {
    return ({ source, cell, start }) =>
      `${source},${this.#rollupCell(cell)},${startOfPeriod(start, period)}`;
  }

  #mayGo({ start, cell, extra }: Row, now: number): boolean {
    if (start >= now) return false;
    return this.#cells.fnOf(cell) !== "DssVest" || (extra?.end ?? start) <= now;
  }

  #rollup(rows: readonly Row[]): Row {
    const { start, value, parts } = merged(rows);
    const { source, cell } = rows[0] as Row;
    const extra = { end: undefined, cliff: undefined, params: { ...parts }, parts };
    return { id: this.#nextId++, source, cell: this.#rollupCell(cell), start, value, extra };
  }

  #rollupCell(cell: number): number {
    return this.#cells.numberOf({ ...this.#cells.at(cell), fn: "Rollup" });
  }

  #toRow(series: CheckedSeries, id: number): Row {
    for (const [dimension, path] of series.dimensions) this.#dimensions.see(dimension, path);
    for (const metadata of series.dimensionMetadata) this.#dimensions.update(metadata);
    return {
      id,
      source: this.#sources.numberOf(series.source),
      cell: this.#cells.numberOf(series),
      start: series.start,
      value: series.value,
      extra: extraOf(series),
    };
  }

  #stored({ id, source, cell, start, value, extra }: Row): StoredSeries {
    return {
      id,
      source: this.#sources.at(source),
      ...this.#cells.at(cell),
      start,
      end: extra?.end,
      value,
      params: extra?.params,
    };
  }

  #meant(filter: SeriesFilter): Row[] {
    const meant = rowFilter(filter, { cells: this.#cells, sources: this.#sources });
    return this.#rows.sorted.filter((row) => meansRow(meant, row));
  }

  #livePaths(): Map<string, Set<string>> {
    const live = new Map<string, Set<string>>();
    for (const cell of new Set(this.#rows.sorted.map((row) => row.cell))) {
      for (const [dimension, path] of this.#cells.at(cell).dimensions) {
        const paths = live.get(dimension) ?? new Set();
        live.set(dimension, paths.add(path));
      }
    }
    return live;
  }

  #tally(): ChangeTally {
    return new ChangeTally((source) => this.#sources.at(source));
  }

  #commit(tally: ChangeTally, now: number): SeriesRevision {
    const revision = Math.max(this.revision + 1, revisionAt(now));
    this.#history.push(revision, tally.changes, now);
    return revision;
  }
}

function extraOf({ end, cliff, params }: CheckedSeries): RowExtra | undefined {
  if (end === undefined && cliff === undefined && params === undefined) return undefined;
  return { end, cliff, params, parts: undefined };
}
