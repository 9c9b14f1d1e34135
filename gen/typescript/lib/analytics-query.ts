import { create } from "@bufbuild/protobuf";
import {
  Boundary,
  Granularity,
  type SeriesQuery,
  SeriesQuerySchema,
} from "../src/tiffin/analytics/v1/query_pb.ts";
import { type Instant, toTimestamp } from "./instant.ts";

/** How long a period is. */
export type GranularityName =
  | "total"
  | "annual"
  | "semiAnnual"
  | "quarterly"
  | "monthly"
  | "weekly"
  | "daily"
  | "hourly";

/** A question as Powerhouse's analytics engine takes it. */
export interface AnalyticsQuery {
  readonly start?: Instant | null | undefined;
  readonly end?: Instant | null | undefined;
  /** A name, or the number that Powerhouse's enum has for it, from 0: total to 7: hourly. It is not the contract's, which begins with 1. */
  readonly granularity: GranularityName | number;
  /** Matched in upper and lower case alike; none: all. */
  readonly metrics: readonly string[];
  /** Units, as `DAI,MKR`; absent, empty or `*`: all. */
  readonly currency?: PathText | null | undefined;
  /** By dimension: any of these paths; none: no matter which, and `?` stands for none. */
  readonly select: Readonly<Record<string, readonly PathText[]>>;
  /** By dimension: how many segments of its path tell groups apart. Absent or null: none, all is one group. */
  readonly lod?: Readonly<Record<string, number | null | undefined>> | undefined;
}

/** A path as text, or what prints itself as one. */
export type PathText = string | { toString(): string };

/**
 * The question in Tiffin's words, which counts as Powerhouse's engine does: LEFT_OPEN. The answer's rows are to be had by
 * `groupedPeriods`. A RangeError when there is no such granularity, or a time is no instant.
 */
export function toSeriesQuery(query: AnalyticsQuery): SeriesQuery {
  const { start, end, metrics, currency, select, lod = {} } = query;
  return create(SeriesQuerySchema, {
    ...(start != null && { startTime: toTimestamp(start) }),
    ...(end != null && { endTime: toTimestamp(end) }),
    granularity: toGranularity(query.granularity),
    metrics: [...metrics],
    metricsIgnoreCase: true,
    units: toUnits(`${currency ?? ""}`),
    select: Object.entries(select).map(([dimension, paths]) => ({
      dimension,
      paths: paths.map((path) => `${path}`),
      levelOfDetail: (Object.hasOwn(lod, dimension) ? lod[dimension] : undefined) ?? 0,
    })),
    boundary: Boundary.LEFT_OPEN,
  });
}

function toGranularity(granularity: GranularityName | number): Granularity {
  const place =
    typeof granularity === "number" ? granularity : granularityNames.indexOf(granularity);
  const found = granularities[place];
  if (found === undefined) throw new RangeError(`there is no granularity ${granularity}`);
  return found;
}

const granularityNames: readonly GranularityName[] = [
  "total",
  "annual",
  "semiAnnual",
  "quarterly",
  "monthly",
  "weekly",
  "daily",
  "hourly",
];

/** In the order of the names. */
const granularities = [
  Granularity.TOTAL,
  Granularity.ANNUAL,
  Granularity.SEMIANNUAL,
  Granularity.QUARTERLY,
  Granularity.MONTHLY,
  Granularity.WEEKLY,
  Granularity.DAILY,
  Granularity.HOURLY,
];

/** The alternatives of the first segment, as Powerhouse's engine reads a currency; a backslash takes what follows as it is. */
function toUnits(currency: string): string[] {
  const [alternatives = ""] = /^(?:\\.|[^\\/:])*/s.exec(currency) ?? [];
  if (alternatives === "*") return [];
  const units = alternatives.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return units.map((unit) => unit.replaceAll(/\\(.)/gs, "$1"));
}
