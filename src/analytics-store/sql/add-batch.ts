import { sql } from "kysely";
import type { Added, Batch, SourceChange } from "../analytics-store.ts";
import type { CheckedSeries } from "../series.ts";
import { fewNumbersLiteral, fewTextsLiteral, numbersLiteral } from "./array-literal.ts";
import { type CommitRecord, type Committed, recordCommit } from "./commit-record.ts";
import { ensurePaths, sayOfPaths } from "./dimension-paths.ts";
import { NewNumbers } from "./new-numbers.ts";
import { findRequest } from "./remembered-requests.ts";
import type { TenantWork } from "./tenant-database.ts";

export interface AddedCommit {
  readonly added: Added;
  readonly committed?: Committed;
  /** To be called when it is committed. */
  readonly whenCommitted?: () => void;
}

/** Adds the batch, in a few statements however large it is. */
export async function addBatch(
  work: TenantWork,
  { series, request }: { readonly series: readonly CheckedSeries[] } & Pick<Batch, "request">,
  signal: CommitRecord["signal"],
): Promise<AddedCommit> {
  const replayed = await findRequest<Added>(work, request);
  if (replayed !== undefined) return { added: replayed };
  if (series.length === 0) return { added: nothingAdded(work.row.revision) };
  const numbers = new NewNumbers(work);
  const cells = series.map((one) => numbers.cellOf(one));
  const sources = series.map(({ source }) => numbers.sourceOf(source));
  await numbers.write();
  await insertSeries(work, series, { cells, sources });
  const rememberPaths = await ensurePaths(work, numbers, cells);
  await sayOfPaths(
    work,
    series.flatMap(({ dimensionMetadata }) => dimensionMetadata),
  );
  const answer = { firstId: work.row.nextSeries, count: series.length };
  const committed = await recordCommit(work, {
    ...{ changes: changesOf(series), numbers, ids: series.length, request, answer, signal },
  });
  const added = { ...answer, revision: committed.revision, replayed: false };
  const whenCommitted = (): void => {
    numbers.adopt();
    rememberPaths();
  };
  return { added, committed, whenCommitted };
}

export const nothingAdded = (revision: number): Added => ({
  ...{ firstId: 0, count: 0, revision, replayed: false },
});

async function insertSeries(
  { statements, row }: TenantWork,
  series: readonly CheckedSeries[],
  { cells, sources }: { readonly cells: readonly number[]; readonly sources: readonly number[] },
): Promise<void> {
  const params = series.map((one) => one.params && JSON.stringify(one.params));
  await statements.rows(sql`insert into tiffin_analytics.series
    (tenant, id, cell, source, start, value, "end", cliff, params)
    select ${row.id}, ${row.nextSeries - 1}::bigint + place, cell, source, start, value, "end", cliff, params
    from unnest(
      ${numbersLiteral(cells)}::int[],
      ${numbersLiteral(sources)}::int[],
      ${numbersLiteral(series.map(({ start }) => start))}::bigint[],
      ${numbersLiteral(series.map(({ value }) => value))}::float8[],
      ${fewNumbersLiteral(series.map(({ end }) => end))}::bigint[],
      ${fewNumbersLiteral(series.map(({ cliff }) => cliff))}::bigint[],
      ${fewTextsLiteral(params)}::text[]
    ) with ordinality as new (cell, source, start, value, "end", cliff, params, place)`);
}

function changesOf(series: readonly CheckedSeries[]): SourceChange[] {
  const changes = new Map<string, Tally>();
  for (const { source, start } of series) {
    const there = changes.get(source);
    if (there === undefined) {
      changes.set(source, { source, added: 1, deleted: 0, firstStart: start, lastStart: start });
      continue;
    }
    there.added++;
    if (start < there.firstStart) there.firstStart = start;
    if (start > there.lastStart) there.lastStart = start;
  }
  return [...changes.values()];
}

type Tally = { -readonly [Name in keyof SourceChange]: SourceChange[Name] };
