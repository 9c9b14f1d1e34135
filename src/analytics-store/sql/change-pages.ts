import { sql } from "kysely";
import type { ChangePage, Changes, CommitChanges } from "../analytics-store.ts";
import { changesGone } from "../changes-gone.ts";
import { changesMs, commitsMax } from "../remembered-for.ts";
import type { TenantWork } from "./tenant-database.ts";

/** What a tenant that is not there has had happen to it. */
export function noChanges({ after = 0 }: ChangePage): Changes {
  if (after > 0) throw changesGone(0, after);
  return { commits: [], head: 0 };
}

/** Needs no cells: a watch asks after every commit. */
export async function changePage(
  work: Omit<TenantWork, "known">,
  { after, limit }: ChangePage,
): Promise<Changes> {
  const { row, statements } = work;
  if (after === undefined) return { commits: [], head: row.revision };
  if (after > row.revision) throw changesGone(row.forgotten, after);
  const forgotten = await forgottenUpTo(work, after);
  const isOfAnother = after > 0 && after <= row.born;
  if (after < forgotten || isOfAnother) throw changesGone(forgotten, after);
  const rows = await statements.rows(sql<{ revision: unknown; sources: string }>`
    select revision, sources from tiffin_analytics.commit
    where tenant = ${row.id} and revision > ${after}::bigint
    order by revision limit ${limit + 1}::bigint`);
  const commits = rows.slice(0, limit).map(toChanges);
  const head = rows.length > limit ? (commits.at(-1)?.revision ?? after) : row.revision;
  return { commits, head };
}

/** Also what is still there, but should not be any more. */
async function forgottenUpTo(
  { row, statements, now }: Omit<TenantWork, "known">,
  after: number,
): Promise<number> {
  const late = await statements.first(sql<{ revision: unknown }>`
    select max(revision) as revision from (
      (select revision from tiffin_analytics.commit where tenant = ${row.id}
        and revision > ${after}::bigint and at <= ${Math.floor(now - changesMs)}::bigint)
      union all
      (select revision from tiffin_analytics.commit where tenant = ${row.id}
        order by revision desc offset ${commitsMax}::int limit 1)) as late`);
  return Math.max(row.forgotten, Number(late?.revision ?? 0));
}

function toChanges(row: { readonly revision: unknown; readonly sources: string }): CommitChanges {
  const sources = JSON.parse(row.sources) as [string, number, number, number, number][];
  return {
    revision: Number(row.revision),
    sources: sources.map(([source, added, deleted, firstStart, lastStart]) => ({
      ...{ source, added, deleted, firstStart, lastStart },
    })),
  };
}
