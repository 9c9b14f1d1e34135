import type { SeriesQuery } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { SeriesFilter as SeriesFilterMessage } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { CellFilter, SeriesFilter } from "../analytics-store/analytics-store.ts";
import { checkedName } from "../analytics-store/checked-series.ts";
import { checkedPattern } from "../analytics-store/path.ts";
import { invalidField } from "../errors.ts";
import { timestampToMs } from "../timestamp.ts";
import { toSelections } from "./selection.ts";

/** Which series the request means, refused where it could mean none; absent: all. `field` is where it stands. */
export function toSeriesFilter(
  filter: SeriesFilterMessage | undefined,
  field: string,
): SeriesFilter {
  if (filter === undefined) return {};
  const { ids, sources, startTime, endTime } = filter;
  const from = startTime && timestampToMs(startTime, `${field}.start_time`);
  const before = endTime && timestampToMs(endTime, `${field}.end_time`);
  if (from !== undefined && before !== undefined && before <= from) {
    throw invalidField(`${field}.end_time`, "must be after start_time", isoOf(before));
  }
  const include = sources.map((text, index) => checkedPattern(text, `${field}.sources[${index}]`));
  return {
    ...toCellFilter(filter, field),
    ids: ids.length === 0 ? undefined : ids.filter(canBeThere).map(Number),
    sources: include.length === 0 ? undefined : { include, exclude: [] },
    ...{ from, before },
  };
}

/** What the request says of metrics, units and dimensions. */
export function toCellFilter(
  {
    metrics,
    metricsIgnoreCase,
    units,
    select,
  }: Pick<SeriesQuery, "metrics" | "metricsIgnoreCase" | "units" | "select">,
  field: string,
): CellFilter {
  const named = (name: string, at: string): string => checkedName(name, `${field}.${at}`);
  return {
    metrics: unlessEmpty(metrics.map((metric, index) => named(metric, `metrics[${index}]`))),
    metricsIgnoreCase,
    units: unlessEmpty(
      units.map((unit, index) => (unit === "" ? unit : named(unit, `units[${index}]`))),
    ),
    select: unlessEmpty(toSelections(select, `${field}.select`)),
  };
}

const unlessEmpty = <T>(list: readonly T[]): readonly T[] | undefined =>
  list.length === 0 ? undefined : list;

/** Beyond what a number says exactly there are none, and rounded they would be others. */
const canBeThere = (id: bigint): boolean => id > 0n && id <= BigInt(Number.MAX_SAFE_INTEGER);

const isoOf = (ms: number): string => new Date(ms).toISOString();
