import { type RawBuilder, sql } from "kysely";
import type { Deleted, Deletion, SourceChange } from "../analytics-store.ts";
import { type CommitRecord, type Committed, recordAnswer, recordCommit } from "./commit-record.ts";
import { clearEmptyPaths } from "./dimension-paths.ts";
import { findRequest } from "./remembered-requests.ts";
import { seriesConditions } from "./series-conditions.ts";
import type { TenantWork } from "./tenant-database.ts";

export interface DeletedCommit {
  readonly deleted: Deleted;
  readonly committed?: Committed;
}

export async function deleteSeries(
  work: TenantWork,
  { filter, clearEmptyDimensions, request }: Deletion,
  signal: CommitRecord["signal"],
): Promise<DeletedCommit> {
  const replayed = await findRequest<Deleted>(work, request);
  if (replayed !== undefined) return { deleted: replayed };
  const conditions = seriesConditions(work, filter);
  const changes = conditions === undefined ? [] : await deleteWhere(work, conditions);
  const dimensions = clearEmptyDimensions === true ? await clearEmptyPaths(work) : 0;
  const series = changes.reduce((sum, { deleted }) => sum + deleted, 0);
  const answer = { series, dimensions };
  if (series > 0) {
    const committed = await recordCommit(work, { changes, ids: 0, request, answer, signal });
    const { revision } = committed;
    return { deleted: { ...answer, revision, replayed: false }, committed };
  }
  const { revision } = work.row;
  if (request !== undefined) await recordAnswer(work, request, { ...answer, revision });
  return { deleted: { ...answer, revision, replayed: false } };
}

/** Deletes, and answers what it did to each source. */
export async function deleteWhere(
  work: TenantWork,
  conditions: RawBuilder<boolean>,
): Promise<SourceChange[]> {
  const rows = await work.statements.rows(sql<ChangeRow>`
    with gone as (delete from tiffin_analytics.series where ${conditions} returning id, source, start)
    select source, 0 as added, count(*) as deleted, min(start) as first_start, max(start) as last_start
    from gone group by source order by min(id)`);
  return rows.map((row) => toChange(work, row));
}

export interface ChangeRow {
  readonly source: number;
  readonly added: unknown;
  readonly deleted: unknown;
  readonly first_start: unknown;
  readonly last_start: unknown;
}

export const toChange = ({ known }: TenantWork, row: ChangeRow): SourceChange => ({
  source: known.sources.at(row.source),
  added: Number(row.added),
  deleted: Number(row.deleted),
  firstStart: Number(row.first_start),
  lastStart: Number(row.last_start),
});
