import { type RawBuilder, sql } from "kysely";
import type { RetentionRule } from "../analytics-store.ts";
import type { Cell } from "../cells.ts";
import { isWithin } from "../path.ts";
import { instant, numbersLiteral } from "./array-literal.ts";
import type { NewNumbers } from "./new-numbers.ts";
import { cellCondition } from "./series-conditions.ts";
import type { TenantWork } from "./tenant-database.ts";

/** A rule as it is applied. */
export interface Retirement {
  readonly rule: RetentionRule;
  /** What holds of the series that the rule is of. */
  readonly scope: RawBuilder<boolean>;
  readonly now: number;
  /** Whether sums may be beyond all doubles. */
  readonly exact: boolean;
  readonly numbers: NewNumbers;
}

/** Undefined: the rule is of no series. */
export function scopeOf(
  { row, known }: TenantWork,
  numbers: NewNumbers,
  { source, metric }: RetentionRule,
): RawBuilder<boolean> | undefined {
  const conditions: RawBuilder<unknown>[] = [sql`tenant = ${row.id}`];
  if (source !== undefined) {
    const sources = known.sources.numbersWhere((path) => isWithin(path, source));
    conditions.push(sql`source = any(${numbersLiteral(sources)}::int[])`);
  }
  if (metric !== undefined) {
    const cells = cellCondition(cellsWhere(numbers, (cell) => cell.metric === metric));
    if (cells === "none") return undefined;
    if (cells !== "all") conditions.push(cells);
  }
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** That a series goes. */
export const retiredIds = (work: TenantWork, retirement: Retirement): RawBuilder<boolean> =>
  sql<boolean>`tenant = ${work.row.id} and id in (
    select id from ${scopedSeries(retirement)} as scoped where goes)`;

/** The series that the rule is of, with whether each goes: as a table. */
export function scopedSeries({ rule, scope, now, numbers }: Retirement): RawBuilder<unknown> {
  const vesting = cellsWhere(numbers, ({ fn }) => fn === "DssVest");
  const cells = [...vesting.entries()].flatMap(([cell, vests]) => (vests === 1 ? [cell] : []));
  const vests = sql`cell = any(${numbersLiteral(cells)}::int[])`;
  // Rolled up, all of it would count at its start.
  const stays =
    rule.rollUp === undefined
      ? sql`${vests} and coalesce("end", start) > ${instant(now)}::bigint`
      : vests;
  return sql`(select *, ${passed(rule, now)} and start < ${instant(now)}::bigint
    and not (${stays}) as goes from tiffin_analytics.series where ${scope})`;
}

/** Of what begins at one instant rollups count as earlier: they are made of what was before those that were kept, though their ids are later. */
const passed = ({ ageMs, count = 0 }: RetentionRule, now: number): RawBuilder<unknown> =>
  ageMs === undefined
    ? sql`row_number() over (order by start desc, (parts is null) desc, id desc) > ${count}::bigint`
    : sql`start < ${instant(now - ageMs)}::bigint`;

function cellsWhere(
  numbers: NewNumbers,
  isMeant: (cell: Pick<Cell, "metric" | "fn">) => boolean,
): Uint8Array {
  const matches = new Uint8Array(numbers.nextCell);
  for (let cell = 0; cell < matches.length; cell++) {
    if (isMeant(numbers.kindAt(cell))) matches[cell] = 1;
  }
  return matches;
}
