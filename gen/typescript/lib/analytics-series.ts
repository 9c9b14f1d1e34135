import { create, type JsonObject } from "@bufbuild/protobuf";
import { type NewSeries, NewSeriesSchema } from "../src/tiffin/analytics/v1/series_pb.ts";
import type { PathText } from "./analytics-query.ts";
import { type Instant, toTimestamp } from "./instant.ts";

/** A series as Powerhouse's analytics engine takes it. */
export interface AnalyticsSeries {
  readonly start: Instant;
  readonly end?: Instant | null | undefined;
  readonly source: PathText;
  readonly metric: string;
  readonly value: number;
  readonly unit?: string | null | undefined;
  readonly fn?: string | null | undefined;
  readonly params?: JsonObject | null | undefined;
  readonly dimensions: Readonly<Record<string, PathText>>;
  /** Of the dimensions of this series that have the path. */
  readonly dimensionMetadata?: PathMetadata | null | undefined;
}

/** What to say of a path from now on; what is absent stays as it is. */
export interface PathMetadata {
  readonly path: PathText;
  readonly icon?: string | undefined;
  readonly label?: string | undefined;
  readonly description?: string | undefined;
}

/** The series in Tiffin's words, for AddSeries and ImportSeries. A RangeError when a time is no instant. */
export function toNewSeries(series: AnalyticsSeries): NewSeries {
  const { start, end, source, metric, value, unit, fn, params } = series;
  const dimensions = Object.entries(series.dimensions).map(([name, path]) => [name, `${path}`]);
  return create(NewSeriesSchema, {
    source: `${source}`,
    metric,
    startTime: toTimestamp(start),
    ...(end != null && { endTime: toTimestamp(end) }),
    value,
    unit: unit ?? "",
    fn: fn ?? "",
    ...(params != null && { params }),
    dimensions: Object.fromEntries(dimensions) as Record<string, string>,
    dimensionMetadata: toMetadata(series),
  });
}

function toMetadata({ dimensions, dimensionMetadata }: AnalyticsSeries) {
  if (dimensionMetadata == null) return [];
  const { path, ...said } = dimensionMetadata;
  const described = trimmed(path);
  return Object.keys(dimensions)
    .filter((name) => trimmed(dimensions[name] as PathText) === described)
    .map((dimension) => ({ dimension, path: described, ...said }));
}

/** One `/` at either end means nothing. */
const trimmed = (path: PathText): string => `${path}`.replace(/^\//, "").replace(/\/$/, "");
