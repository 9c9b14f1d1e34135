import { sql } from "kysely";
import type { IdentifiedRequest, SeriesRevision, SourceChange } from "../analytics-store.ts";
import { changesMs, commitsMax, requestMs, requestsMax } from "../remembered-for.ts";
import { instantMax } from "./array-literal.ts";
import type { NewNumbers } from "./new-numbers.ts";
import { rememberedRequest } from "./remembered-requests.ts";
import type { TenantWork } from "./tenant-database.ts";

/** What a commit did to a tenant's series. */
export interface CommitRecord {
  readonly changes: readonly SourceChange[];
  readonly numbers?: NewNumbers | undefined;
  /** How many ids were given. */
  readonly ids: number;
  readonly request?: IdentifiedRequest | undefined;
  /** What is remembered of the request; the revision is added. */
  readonly answer?: object;
  /** Told to other processes. */
  readonly signal: { readonly channel: string; readonly payload: string };
}

/** What has to be done after the commit. */
export interface Committed {
  readonly revision: SeriesRevision;
  /** Whether the planner's statistics are of much fewer series than there are. */
  readonly isGrown: boolean;
  /** How many series it deleted. */
  readonly deleted: number;
}

/** The last statement of a write that changed series: the new revision, what is remembered of the commit, and the signal, which is sent when it is committed. */
export async function recordCommit(work: TenantWork, record: CommitRecord): Promise<Committed> {
  const { statements, row, now } = work;
  const revision = Math.max(row.revision + 1, row.born + 1, Math.floor(now * 1000));
  const total = (of: "added" | "deleted"): number =>
    record.changes.reduce((sum, change) => sum + change[of], 0);
  const deleted = total("deleted");
  const series = row.series + total("added") - deleted;
  const isGrown = series > 2 * row.analyzed + fewSeries;
  const sources = record.changes.map((change) => [
    ...[change.source, change.added, change.deleted, change.firstStart, change.lastStart],
  ]);
  const firstStart = record.changes.reduce(
    (least, one) => Math.min(least, one.firstStart),
    instantMax,
  );
  await statements.rows(sql`insert into tiffin_analytics.commit (tenant, revision, at, first_start, sources)
    values (${row.id}, ${revision}::bigint, ${Math.floor(now)}::bigint, ${firstStart}::bigint, ${JSON.stringify(sources)})`);
  if (record.request !== undefined) {
    const answer = { ...record.answer, revision };
    await statements.rows(rememberedRequest(work, record.request, answer));
  }
  await trimNowAndThen(work);
  await statements.rows(sql`update tiffin_analytics.tenant set
      revision = ${revision}::bigint,
      commits = commits + 1,
      next_series = next_series + ${record.ids}::bigint,
      next_cell = ${record.numbers?.nextCell ?? row.nextCell}::int,
      next_source = ${record.numbers?.nextSource ?? row.nextSource}::int,
      series = ${series}::bigint,
      analyzed = ${isGrown ? series : row.analyzed}::bigint
    where id = ${row.id}
    returning pg_notify(${record.signal.channel}, ${record.signal.payload})::text`);
  return { revision, isGrown, deleted };
}

/** In place of a commit, for a request that changed nothing: it counts as one in what is forgotten when. */
export async function recordAnswer(
  work: TenantWork,
  request: IdentifiedRequest,
  answer: object,
): Promise<void> {
  const { statements, row } = work;
  await statements.rows(rememberedRequest(work, request, answer));
  await trimNowAndThen(work);
  await statements.rows(
    sql`update tiffin_analytics.tenant set commits = commits + 1 where id = ${row.id}`,
  );
}

/** What is too old is not answered either way. */
async function trimNowAndThen(work: TenantWork): Promise<void> {
  if ((work.row.commits + 1) % commitsBetweenTrims === 0) await trim(work);
}

/** Forgets what is too old, or too much. */
async function trim({ statements, row, now }: TenantWork): Promise<void> {
  const forgotten = await statements.first(sql<{ revision: unknown }>`with gone as (
      delete from tiffin_analytics.commit where tenant = ${row.id} and (
        at <= ${Math.floor(now - changesMs)}::bigint or revision <= (
          select revision from tiffin_analytics.commit where tenant = ${row.id}
          order by revision desc offset ${commitsMax}::int limit 1))
      returning revision)
    update tiffin_analytics.tenant
      set forgotten = greatest(forgotten, (select max(revision) from gone))
      where id = ${row.id} returning forgotten as revision`);
  if (forgotten === undefined) return;
  await statements.rows(sql`delete from tiffin_analytics.request where tenant = ${row.id} and (
    at <= ${Math.floor(now - requestMs)}::bigint or at < (
      select at from tiffin_analytics.request where tenant = ${row.id}
      order by at desc offset ${requestsMax}::int limit 1))`);
}

const commitsBetweenTrims = 64;
/** Below this, no plan is slow. */
const fewSeries = 1000;
