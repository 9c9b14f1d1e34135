import { sql } from "kysely";
import { StartRefusal } from "../../store/start-refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Statements } from "./statements.ts";

/**
 * Makes the tables, or brings those of an older version up to this one. Several processes may do so at once: one does, the others wait for it.
 */
export async function migrate(database: SqlDatabase): Promise<void> {
  await database.write({}, async (statements) => {
    await statements.rows(sql`select pg_advisory_xact_lock(${lockKey}::bigint)`);
    const version = await versionOf(statements);
    if (version > migrations.length) throw newer(version);
    for (const migration of migrations.slice(version)) {
      for (const statement of migration) await statements.rows(sql.raw(statement));
    }
    if (version < migrations.length) {
      await statements.rows(
        sql`update tiffin_analytics.version set version = ${migrations.length}::int`,
      );
    }
  });
}

/** Spares a database in memory the log that a crash would be mended by. */
export async function withoutLog(database: SqlDatabase): Promise<void> {
  await database.write({}, async (statements) => {
    const tables = await statements.rows(sql<{ name: string }>`select relname as name from pg_class
      where relnamespace = 'tiffin_analytics'::regnamespace and relkind = 'r' and relpersistence = 'p'`);
    for (const { name } of tables) {
      await statements.rows(sql`alter table ${sql.id("tiffin_analytics", name)} set unlogged`);
    }
  });
}

async function versionOf(statements: Statements): Promise<number> {
  const there = await statements.first(
    sql<{ there: string | null }>`select to_regclass('tiffin_analytics.version')::text as there`,
  );
  if (there?.there == null) return 0;
  const row = await statements.first(
    sql<{ version: number }>`select version from tiffin_analytics.version`,
  );
  return row?.version ?? 0;
}

const newer = (version: number): StartRefusal =>
  new StartRefusal("of analytics", {
    reason: `its schema tiffin_analytics has version ${version}, and this program knows ${migrations.length} at most`,
    remedy: "Start a program as new as the one that made it",
  });

/** Any number, the same in every version: "tiffin" in ASCII. */
const lockKey = 0x74_69_66_66_69_6e;

/** By version: what makes it of the one before. What was published never changes. */
const migrations: readonly (readonly string[])[] = [
  [
    "create schema if not exists tiffin_analytics",
    // `revision_floor`: above all revisions of tenants that were deleted.
    "create table tiffin_analytics.version (version int not null, revision_floor bigint not null)",
    "insert into tiffin_analytics.version values (0, 0)",
    `create table tiffin_analytics.tenant (
      id int generated always as identity primary key,
      name text collate "C" not null unique,
      revision bigint not null default 0,
      born bigint not null default 0,
      forgotten bigint not null default 0,
      commits bigint not null default 0,
      next_series bigint not null default 1,
      next_cell int not null default 0,
      next_source int not null default 0,
      clearings int not null default 0,
      series bigint not null default 0,
      analyzed bigint not null default 0,
      rules text
    ) with (fillfactor = 50)`,
    `create table tiffin_analytics.cell (
      tenant int not null,
      number int not null,
      metric text collate "C" not null,
      unit text collate "C" not null,
      fn text not null,
      dimensions text not null,
      primary key (tenant, number)
    )`,
    `create table tiffin_analytics.source (
      tenant int not null,
      number int not null,
      path text collate "C" not null,
      primary key (tenant, number)
    )`,
    // By size, so that nothing is lost to alignment. Past "end" all is of a few rows only.
    `create table tiffin_analytics.series (
      tenant int not null,
      cell int not null,
      id bigint not null,
      start bigint not null,
      value float8 not null,
      source int not null,
      "end" bigint,
      cliff bigint,
      params text,
      parts bigint,
      first_start bigint,
      least float8,
      most float8,
      first float8,
      last float8,
      primary key (tenant, id)
    ) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)`,
    // What nothing is looked up by needs no statistics; of the rest few make good plans, and are made in a tenth of the time.
    `alter table tiffin_analytics.series
      alter tenant set statistics 30, alter cell set statistics 30, alter id set statistics 30,
      alter start set statistics 30, alter source set statistics 30,
      alter value set statistics 0, alter "end" set statistics 0, alter cliff set statistics 0,
      alter params set statistics 0, alter parts set statistics 0, alter first_start set statistics 0,
      alter least set statistics 0, alter most set statistics 0, alter first set statistics 0,
      alter last set statistics 0`,
    "create index series_by_cell on tiffin_analytics.series (tenant, cell)",
    // Series mostly come in the order of time: this costs next to nothing, and spares reading what is long past.
    "create index series_by_start on tiffin_analytics.series using brin (start) with (pages_per_range = 32, autosummarize = on)",
    "create index series_by_source on tiffin_analytics.series (tenant, source)",
    `create table tiffin_analytics.dimension (
      tenant int not null,
      dimension text collate "C" not null,
      path text collate "C" not null,
      label text not null default '',
      icon text not null default '',
      description text not null default '',
      primary key (tenant, dimension, path)
    )`,
    `create table tiffin_analytics.commit (
      tenant int not null,
      revision bigint not null,
      at bigint not null,
      first_start bigint not null,
      sources text not null,
      primary key (tenant, revision)
    )`,
    `create table tiffin_analytics.request (
      tenant int not null,
      id text collate "C" not null,
      digest text not null,
      at bigint not null,
      answer text not null,
      primary key (tenant, id)
    )`,
    "create index request_by_age on tiffin_analytics.request (tenant, at)",
  ],
];
