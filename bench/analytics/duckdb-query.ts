import type { Question, Selected } from "./questions.ts";

/**
 * The question as DuckDB's SQL: one pass over the table, then every period of every group with what changes in it and the running
 * total at its end, with all from before the range.
 */
export function duckdbQuery({ granularity, select }: Question): string {
  const groups = ["metric", "unit", ...select.map((_, index) => `path_${index}`)];
  const paths = select.map((selected, index) => `${toPath(selected)} as path_${index}`);
  const where = select.flatMap(toCondition);
  const period = granularity === "total" ? from : `date_trunc('${units[granularity]}', start)`;
  const periods =
    granularity === "total"
      ? `[${from}]`
      : `generate_series(${from}, ${until} - interval 1 millisecond, interval 1 ${units[granularity]})`;
  const same = (other: string): string =>
    groups.map((group) => `${other}.${group} = grouped.${group}`).join(" and ");
  const own = groups.map((group) => `grouped.${group}`).join(", ");
  return `
    with found as materialized (
      select metric, unit, ${paths.join(", ")}, case when start < ${from} then null else ${period} end as period,
        sum(value) as change
      from series
      where ${["metric = 'Budget'", "unit = 'DAI'", `start < ${until}`, ...where].join(" and ")}
      group by all),
    grouped as (select distinct ${groups.join(", ")} from found),
    periods as (select unnest(${periods}) as period)
    select ${own}, epoch_ms(periods.period) as period, coalesce(found.change, 0) as value,
      coalesce(base.change, 0)
        + sum(coalesce(found.change, 0)) over (partition by ${own} order by periods.period) as sum
    from grouped cross join periods
      left join found on found.period = periods.period and ${same("found")}
      left join found as base on base.period is null and ${same("base")}
    order by ${own}, periods.period`;
}

/** The level of detail that is asked for has a column of its own, as its owner would see to: cutting paths takes DuckDB longer than adding up. */
const toPath = ({ dimension, levels }: Selected): string =>
  dimension === "project" && levels === 2 ? "project_2" : dimension;

const toCondition = ({ dimension, path }: Selected): string[] =>
  path === undefined ? [] : [`(${dimension} = '${path}' or starts_with(${dimension}, '${path}/'))`];

const units = { monthly: "month", daily: "day" };
const from = "timestamp '2024-01-01'";
const until = "timestamp '2025-01-01'";
