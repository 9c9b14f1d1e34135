import type { NewSeries as NewSeriesMessage } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { NewSeries } from "../analytics-store/series.ts";
import { invalidField, limitExceeded } from "../errors.ts";
import { timestampToMs } from "../timestamp.ts";
import type { AnalyticsLimits } from "./analytics-limits.ts";

/** The series of a message, as the store takes them; what may stand in them is checked there. */
export function toNewSeries(
  series: readonly NewSeriesMessage[],
  { analyticsBatchMax }: AnalyticsLimits,
): NewSeries[] {
  if (series.length > analyticsBatchMax) {
    throw limitExceeded("series of one message", analyticsBatchMax, series.length);
  }
  return series.map((one, index) => {
    const { startTime, endTime } = one;
    const field = `series[${index}]`;
    if (startTime === undefined) throw invalidField(`${field}.start_time`, "is required");
    return {
      source: one.source,
      metric: one.metric,
      start: timestampToMs(startTime, `${field}.start_time`),
      end: endTime && timestampToMs(endTime, `${field}.end_time`),
      value: one.value,
      unit: one.unit,
      fn: one.fn,
      params: one.params,
      dimensions: one.dimensions,
      dimensionMetadata: one.dimensionMetadata,
    };
  });
}
