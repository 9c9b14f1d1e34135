/**
 * The second port: series of values under dimension paths, added by the batch and answered in periods. `src/analytics` uses it; the
 * memory engine, PGlite and PostgreSQL implement it, and it may be used as a library. Errors are `TiffinError`s of `src/errors.ts`.
 *
 * Times are Unix milliseconds, whole ones. Paths are canonical (`path.ts`). What it holds is a tenant's, known by its name.
 */
import type { Call } from "../store/store.ts";
import type { PathPatterns } from "./path-patterns.ts";
import type { Profiler } from "./profiler.ts";
import type { NewSeries, StoredSeries } from "./series.ts";

export type { Profiler, StoreProfiler } from "./profiler.ts";

/** Whose series, who waits and how long. */
export interface Scope extends Call {
  readonly tenant: string;
}

/** Rises with every commit of the tenant that changes series; never used twice, not by a later process either. */
export type SeriesRevision = number;

export interface AnalyticsStore {
  /** Makes the store ready; again: nothing more. Before it, and after `close`, all calls but `onChange` fail with `shutting_down`. */
  init(): Promise<void>;
  /** Gives back what it holds. Calls that run may fail. */
  close(): Promise<void>;

  /**
   * Adds all of the batch or nothing. `invalid_field` names the row that is refused: `series[3].end_time`. An empty batch
   * is no commit: it answers the revision that there is.
   */
  add(scope: Scope, batch: Batch): Promise<Added>;
  /** Deletes every series of the filter in one commit; none, if there are none. A repeat of a remembered request is answered the same. */
  delete(scope: Scope, deletion: Deletion): Promise<Deleted>;

  /**
   * Sums and aggregates by group and period. `limit_exceeded` when the answer would hold more than `numbersMax`; `rolled_up` when
   * percentiles are asked for, and a rollup begins in a period of a group that is asked for.
   */
  query(scope: Scope, query: BucketQuery): Promise<BucketAnswer>;
  /** How far the series of the filter reach. */
  span(scope: Scope, filter: SeriesFilter): Promise<SpanAnswer>;
  /** Series by rising id. */
  list(scope: Scope, filter: SeriesFilter, page: SeriesPage): Promise<readonly StoredSeries[]>;

  /** Paths of dimensions, by name and then path, by code points. */
  dimensions(scope: Scope, page: DimensionPage): Promise<readonly DimensionEntry[]>;
  /** What is said of these paths; those of which nothing is said, and that no series has, are left out. */
  describe(scope: Scope, paths: readonly DimensionKey[]): Promise<readonly DimensionEntry[]>;
  /** Sets what the metadata says, and answers the path as it is now. A path that no series has is made. */
  updateDimension(scope: Scope, metadata: DimensionMetadata): Promise<DimensionEntry>;
  /** Forgets the paths that no series has, nor one below them; answers how many. */
  clearEmptyDimensions(scope: Scope): Promise<number>;
  /** Metrics, units or sources of the series that are there, by code points. Without the empty unit. */
  names(scope: Scope, page: NamePage): Promise<readonly string[]>;

  retention(scope: Scope): Promise<readonly RetentionRule[]>;
  /** In place of the rules before; they are not applied yet. */
  setRetention(scope: Scope, rules: readonly RetentionRule[]): Promise<void>;
  /**
   * Applies the tenant's rules as of `now`, in their order, in one commit or several; applied twice it is as applied once. What is rolled up goes into one `Rollup` for
   * each source, cell and period of UTC, whose start is the last one's; late series and finer rollups are merged into it. A `DssVest`
   * stays until its end, and is never rolled up; all that begins at `now` or later stays.
   */
  applyRetention(scope: Scope, now: number): Promise<Retired>;
  /** Tenants that have rules. */
  tenantsWithRetention(): Promise<readonly string[]>;

  /** The commits after the revision, in order, at most so many; `history_gone` when they are not all remembered, or the revision is not there yet. */
  changes(scope: Scope, page: ChangePage): Promise<Changes>;
  /** Calls back after commits and after `updateDimension`, this process's and others', with the tenant's name; may call for nothing. What it throws is nobody's concern. Answers how to end it. */
  onChange(listener: (tenant: string) => void): () => void;

  /** Deletes all that is the tenant's; again: nothing more. */
  deleteTenant(tenant: string): Promise<void>;
  /** How much there is, all tenants' together; bytes as the engine counts them. */
  stats(): Promise<{ readonly series: number; readonly bytes: number }>;
}

export interface Batch {
  readonly series: readonly NewSeries[];
  readonly request?: IdentifiedRequest | undefined;
}

/** A call that may be repeated: remembered with its commit for 10 minutes, at most 100,000 a tenant. `request_id_reused` when the digest is another. */
export interface IdentifiedRequest {
  readonly id: string;
  /** Of the method and all the request says. */
  readonly digest: string;
}

export interface Added {
  /** The ids are this and those after it, one by one; 0 when the batch was empty. */
  readonly firstId: number;
  readonly count: number;
  readonly revision: SeriesRevision;
  /** Whether this is the answer to an earlier call of the same request. */
  readonly replayed: boolean;
}

export interface Deletion {
  readonly filter: SeriesFilter;
  /** Whether to forget the paths that no series has afterwards, in the same commit. */
  readonly clearEmptyDimensions?: boolean;
  readonly request?: IdentifiedRequest | undefined;
}

export interface Deleted {
  readonly series: number;
  readonly dimensions: number;
  readonly revision: SeriesRevision;
  readonly replayed: boolean;
}

/** What everything here must hold of. What is absent asks nothing; an empty list matches nothing. */
export interface CellFilter {
  readonly metrics?: readonly string[] | undefined;
  /** Compares metrics by their `toLowerCase()`. */
  readonly metricsIgnoreCase?: boolean | undefined;
  /** The empty string: without unit. */
  readonly units?: readonly string[] | undefined;
  readonly select?: readonly Selection[] | undefined;
}

/** Which paths of a dimension, and how they are grouped. */
export interface Selection {
  readonly dimension: string;
  readonly patterns: PathPatterns;
  /** Segments that tell groups apart; undefined: all. */
  readonly levelOfDetail?: number | undefined;
}

export interface SeriesFilter extends CellFilter {
  readonly ids?: readonly number[] | undefined;
  readonly sources?: PathPatterns | undefined;
  /** Beginning at or after. */
  readonly from?: number | undefined;
  /** Beginning before. */
  readonly before?: number | undefined;
}

export type AggregateFunction = "count" | "avg" | "min" | "max" | "first" | "last" | "percentile";

/** Of the values of the series that begin in a period. `percentile`: 0 to 100, for that function alone. */
export interface Aggregate {
  readonly function: AggregateFunction;
  readonly percentile?: number | undefined;
}

/** `right_open`: s <= t < e. `left_open`: s < t <= e. */
export type Boundary = "right_open" | "left_open";

export interface BucketQuery {
  readonly filter: CellFilter;
  /** How groups are made: of these dimensions, metric and unit. Its patterns are part of the filter as well. */
  readonly select: readonly Selection[];
  /** Rising instants, one more than there are periods. */
  readonly boundaries: Float64Array;
  readonly boundary: Boundary;
  /** Series that begin at this instant or after it are not looked at: the query's end. */
  readonly before: number;
  readonly aggregates: readonly Aggregate[];
  /** Only these of the groups that `groupsTotal` counts; undefined: all. */
  readonly slice?: { readonly from: number; readonly count: number } | undefined;
  /** Periods times groups times columns, value and sum included, at most. */
  readonly numbersMax: number;
  readonly profiler?: Profiler | undefined;
}

export interface BucketAnswer {
  /** Those with at least one series that begins before `before`, in the order in which they were first seen. */
  readonly groups: readonly GroupColumns[];
  /** How many groups there may be in all: slices from this on are empty. A group without series counts here, and is left out above. */
  readonly groupsTotal: number;
  /** The latest start of a rollup that the answer counts in a period or before it; undefined: none is. */
  readonly rolledUpTo?: number | undefined;
  readonly revision: SeriesRevision;
}

export interface GroupKey {
  /** In the order of `select`, cut to their levels of detail. */
  readonly paths: readonly string[];
  readonly metric: string;
  /** Empty: without unit. */
  readonly unit: string;
}

export interface GroupColumns {
  readonly key: GroupKey;
  /** What there was before the first period. */
  readonly base: number;
  /** By period: how much is added in it. 0 where nothing is. */
  readonly change: Float64Array;
  /** By period: how many series begin in it; a rollup counts as what it is made of. */
  readonly count: Float64Array;
  /** By aggregate and period; NaN where no series begins, but 0 for `count`. */
  readonly aggregates: readonly Float64Array[];
}

export interface Span {
  readonly firstStart: number;
  /** The latest of the ends, and of the starts of series that have none. */
  readonly lastEnd: number;
}

export interface SpanAnswer {
  /** Undefined: there are no series of the filter. */
  readonly span: Span | undefined;
  readonly revision: SeriesRevision;
}

export interface SeriesPage {
  /** Only greater ids. */
  readonly afterId: number;
  readonly limit: number;
}

export interface DimensionKey {
  readonly dimension: string;
  readonly path: string;
}

export interface DimensionEntry extends DimensionKey {
  readonly label: string;
  readonly icon: string;
  readonly description: string;
}

/** A field that is absent stays as it is. */
export interface DimensionMetadata extends DimensionKey {
  readonly label?: string | undefined;
  readonly icon?: string | undefined;
  readonly description?: string | undefined;
}

export interface DimensionPage {
  /** Of this dimension alone. */
  readonly dimension?: string | undefined;
  /** This path and those below it. */
  readonly path?: string | undefined;
  readonly after?: DimensionKey | undefined;
  readonly limit: number;
}

export interface NamePage {
  readonly of: "metric" | "unit" | "source";
  /** This path and those below it; for sources alone. */
  readonly path?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export type RollupPeriod = "hourly" | "daily" | "monthly";

export interface RetentionRule {
  /** Of the source and all below it; with neither source nor metric: of all. */
  readonly source?: string | undefined;
  readonly metric?: string | undefined;
  /** Exactly one of both: those that begin before `now` less so many milliseconds go, or all but so many that begin last. */
  readonly ageMs?: number | undefined;
  readonly count?: number | undefined;
  /** What goes is rolled up by calendar periods of UTC; undefined: deleted. */
  readonly rollUp?: RollupPeriod | undefined;
}

export interface Retired {
  readonly deleted: number;
  readonly rollups: number;
}

/** What a commit did to a source. */
export interface SourceChange {
  readonly source: string;
  readonly added: number;
  readonly deleted: number;
  readonly firstStart: number;
  readonly lastStart: number;
}

export interface CommitChanges {
  readonly revision: SeriesRevision;
  readonly sources: readonly SourceChange[];
}

export interface ChangePage {
  /** Undefined: from now, which answers the head alone. */
  readonly after?: SeriesRevision | undefined;
  readonly limit: number;
}

export interface Changes {
  readonly commits: readonly CommitChanges[];
  /** The last commit that there is, or one of those answered. */
  readonly head: SeriesRevision;
}
