import { type RawBuilder, sql } from "kysely";
import type {
  DimensionEntry,
  DimensionKey,
  DimensionMetadata,
  DimensionPage,
} from "../analytics-store.ts";
import { numbersLiteral, textsLiteral } from "./array-literal.ts";
import type { CommitRecord } from "./commit-record.ts";
import type { NewNumbers } from "./new-numbers.ts";
import { isAtOrBelow } from "./series-conditions.ts";
import type { TenantWork } from "./tenant-database.ts";

/** Makes the paths of these cells. Answers what to remember once it is committed, so that the next batch of the same cells need not. */
export async function ensurePaths(
  { statements, row, known: { described } }: TenantWork,
  numbers: NewNumbers,
  cells: readonly number[],
): Promise<() => void> {
  const isFresh = described.clearings === row.clearings;
  const wanted = [...new Set(cells)].filter((cell) => !isFresh || !described.cells.has(cell));
  const keys = pathsOnce(numbers, wanted);
  if (keys.length > 0) {
    await statements.rows(sql`insert into tiffin_analytics.dimension (tenant, dimension, path)
      select ${row.id}, dimension, path from ${keysTable(keys)}
      on conflict do nothing`);
  }
  return () => {
    if (described.clearings < row.clearings) {
      described.cells.clear();
      described.clearings = row.clearings;
    }
    if (described.clearings === row.clearings) {
      for (const cell of wanted) described.cells.add(cell);
    }
  };
}

/** The paths of these cells, each once. */
function pathsOnce(numbers: NewNumbers, cells: readonly number[]): DimensionKey[] {
  const byName = new Map<string, Set<string>>();
  const keys: DimensionKey[] = [];
  for (const cell of cells) {
    for (const [dimension, path] of numbers.cellAt(cell).dimensions) {
      const paths = byName.get(dimension) ?? new Set();
      if (paths.size === 0) byName.set(dimension, paths);
      if (paths.has(path)) continue;
      paths.add(path);
      keys.push({ dimension, path });
    }
  }
  return keys;
}

/** What is said of one path several times: the last counts, field by field. */
export async function sayOfPaths(
  work: TenantWork,
  said: readonly DimensionMetadata[],
): Promise<void> {
  const last = new Map<string, DimensionMetadata>();
  for (const one of said) {
    const key = JSON.stringify([one.dimension, one.path]);
    last.set(key, { ...last.get(key), ...definedOf(one) });
  }
  if (last.size > 0) await say(work, [...last.values()]);
}

/** Sets what the metadata says, tells other processes once it is committed, and answers the path as it is now. */
export async function updatePath(
  work: TenantWork,
  metadata: DimensionMetadata,
  { channel, payload }: CommitRecord["signal"],
): Promise<DimensionEntry> {
  const [entry] = await say(work, [metadata]);
  await work.statements.rows(sql`select pg_notify(${channel}, ${payload})::text`);
  return entry as DimensionEntry;
}

function say(
  { statements, row }: TenantWork,
  said: readonly DimensionMetadata[],
): Promise<DimensionEntry[]> {
  const texts = (field: keyof DimensionMetadata): RawBuilder<unknown> =>
    sql`${textsLiteral(said.map((one) => one[field]))}::text[]`;
  return statements.rows(sql<DimensionEntry>`
    with said as (select * from unnest(${texts("dimension")}, ${texts("path")}, ${texts("label")},
        ${texts("icon")}, ${texts("description")}) as said (dimension, path, label, icon, description)),
      made as (insert into tiffin_analytics.dimension as old
        (tenant, dimension, path, label, icon, description)
        select ${row.id}, said.dimension, said.path, coalesce(said.label, ''),
          coalesce(said.icon, ''), coalesce(said.description, '') from said
        on conflict (tenant, dimension, path) do nothing
        returning dimension, path, label, icon, description),
      changed as (update tiffin_analytics.dimension as old set
          label = coalesce(said.label, old.label), icon = coalesce(said.icon, old.icon),
          description = coalesce(said.description, old.description)
        from said
        where old.tenant = ${row.id} and old.dimension = said.dimension and old.path = said.path
        returning old.dimension, old.path, old.label, old.icon, old.description)
    select * from made union all select * from changed`);
}

export function pathPage(
  { statements, row }: TenantWork,
  { dimension, path, after, limit }: DimensionPage,
): Promise<DimensionEntry[]> {
  const conditions = [
    sql`tenant = ${row.id}`,
    ...(dimension === undefined ? [] : [sql`dimension = ${dimension}`]),
    ...(path === undefined ? [] : [isAtOrBelow(sql`path`, path)]),
    ...(after === undefined ? [] : [sql`(dimension, path) > (${after.dimension}, ${after.path})`]),
  ];
  return statements.rows(sql<DimensionEntry>`select dimension, path, label, icon, description
    from tiffin_analytics.dimension where ${sql.join(conditions, sql` and `)}
    order by dimension, path limit ${limit}::bigint`);
}

/** Those of which something is said, or that a series has. */
export async function describePaths(
  work: TenantWork,
  keys: readonly DimensionKey[],
): Promise<DimensionEntry[]> {
  const { statements, row } = work;
  if (keys.length === 0) return [];
  const entries = await statements.rows(sql<DimensionEntry>`
    select dimension, path, label, icon, description from tiffin_analytics.dimension
    where tenant = ${row.id} and (dimension, path) in (select dimension, path from ${keysTable(keys)})`);
  const isSaid = ({ label, icon, description }: DimensionEntry): boolean =>
    label !== "" || icon !== "" || description !== "";
  const used = await usedPaths(
    work,
    entries.filter((entry) => !isSaid(entry)),
  );
  return entries.filter((entry) => isSaid(entry) || used.has(entry));
}

/** Those that a series has. Mostly the latest cell of a path has series, so that its others need not be looked at: every query asks. */
async function usedPaths<Key extends DimensionKey>(
  work: TenantWork,
  keys: readonly Key[],
): Promise<Set<Key>> {
  const cellsOf = new Map<Key, readonly number[]>();
  for (const [dimension, own] of Map.groupBy(keys, (key) => key.dimension)) {
    const byPath = work.known.cells.cellsOfPaths(
      dimension,
      own.map(({ path }) => path),
    );
    for (const key of own) cellsOf.set(key, byPath.get(key.path) ?? []);
  }
  const latest = await keysWithSeries(work, cellsOf, (cells) => cells.slice(-1));
  for (const key of latest) cellsOf.delete(key);
  const others = await keysWithSeries(work, cellsOf, (cells) => cells.slice(0, -1));
  return new Set([...latest, ...others]);
}

async function keysWithSeries<Key>(
  work: TenantWork,
  cellsOf: ReadonlyMap<Key, readonly number[]>,
  looked: (cells: readonly number[]) => readonly number[],
): Promise<Set<Key>> {
  const wanted = new Set([...cellsOf.values()].flatMap(looked));
  const there = new Set(wanted.size === 0 ? [] : await cellsWithSeries(work, wanted));
  const found = [...cellsOf].filter(([, cells]) => looked(cells).some((cell) => there.has(cell)));
  return new Set(found.map(([key]) => key));
}

/** Forgets the paths that no series has, nor one below them; answers how many. */
export async function clearEmptyPaths(work: TenantWork): Promise<number> {
  const { statements, row } = work;
  const used = pathsOf(work, await cellsWithSeries(work));
  const all = await statements.rows(sql<DimensionKey>`
    select dimension, path from tiffin_analytics.dimension where tenant = ${row.id}`);
  const empty = all.filter((key) => !used.has(textOf(key)));
  if (empty.length === 0) return 0;
  await statements.rows(sql`delete from tiffin_analytics.dimension where tenant = ${row.id}
    and (dimension, path) in (select dimension, path from ${keysTable(empty)})`);
  await statements.rows(sql`update tiffin_analytics.tenant set clearings = clearings + 1
    where id = ${row.id}`);
  return empty.length;
}

/** Looked up cell by cell, there being fewer than series: of all, or of these. */
async function cellsWithSeries(
  { statements, row }: TenantWork,
  among?: Iterable<number>,
): Promise<number[]> {
  const isAmong =
    among === undefined ? sql`true` : sql`number = any(${numbersLiteral(among)}::int[])`;
  const rows = await statements.rows(sql<{ number: number }>`
    select number from tiffin_analytics.cell as cell
    where tenant = ${row.id} and ${isAmong} and ${hasSeries}`);
  return rows.map(({ number }) => number);
}

/** Of a row of cells called `cell`. */
export const hasSeries: RawBuilder<boolean> = sql<boolean>`exists (
  select from tiffin_analytics.series as series
  where series.tenant = cell.tenant and series.cell = cell.number)`;

/** Of these cells, and those above them. */
function pathsOf({ known }: TenantWork, cells: readonly number[]): Set<string> {
  const paths = new Set<string>();
  for (const cell of cells) {
    for (const [dimension, whole] of known.cells.at(cell).dimensions) {
      let path = whole;
      // Where one is there, those above it are too.
      while (!paths.has(textOf({ dimension, path }))) {
        paths.add(textOf({ dimension, path }));
        const end = path.lastIndexOf("/");
        if (end < 0) break;
        path = path.slice(0, end);
      }
    }
  }
  return paths;
}

const textOf = ({ dimension, path }: DimensionKey): string => JSON.stringify([dimension, path]);

const keysTable = (keys: readonly DimensionKey[]): RawBuilder<unknown> => sql`unnest(
  ${textsLiteral(keys.map(({ dimension }) => dimension))}::text[],
  ${textsLiteral(keys.map(({ path }) => path))}::text[]) as keys (dimension, path)`;

const definedOf = (metadata: DimensionMetadata): DimensionMetadata =>
  Object.fromEntries(
    Object.entries(metadata).filter(([, text]) => text !== undefined),
  ) as unknown as DimensionMetadata;
