import { invalidField } from "../errors.ts";
import type { DimensionMetadata } from "./analytics-store.ts";
import { DimensionOrder } from "./dimension-order.ts";
import { checkedPath } from "./path.ts";
import { type NamedPath, SeenPaths, SeenTexts } from "./seen-texts.ts";
import type { CheckedSeries, JsonObject, NewSeries, SeriesFunction } from "./series.ts";

/** The rows as they can be stored; refuses the first that cannot, naming it (`series[3].end_time`) and the value. */
export function checkedBatch(series: readonly NewSeries[]): CheckedSeries[] {
  const texts = new BatchTexts();
  return series.map((one, index) => checkedSeries(one, `series[${index}]`, texts));
}

export function checkedSeries(
  series: NewSeries,
  field: string,
  texts: BatchTexts = new BatchTexts(),
): CheckedSeries {
  const { dimensions = {}, dimensionMetadata = [] } = series;
  const params = series.params ?? undefined;
  const fn = checkedFunction(series.fn, field);
  const start = checkedTime(series.start, field, "start_time");
  const end = checkedEnd(series, fn, field);
  if (params !== undefined) checkParams(params, `${field}.params`);
  return {
    source: texts.paths.checked(series.source, field, ".source"),
    metric: texts.names.checked(series.metric, field, ".metric"),
    start,
    end,
    fn,
    params,
    value: checkedValue(series.value, field),
    unit: texts.units.checked(series.unit ?? "", field, ".unit"),
    cliff: fn === "DssVest" ? toCliff(params, `${field}.params.cliff`) : undefined,
    dimensions: checkedDimensions(dimensions, field, texts),
    dimensionMetadata: dimensionMetadata.map((metadata, index) =>
      checkedMetadata(metadata, `${field}.dimension_metadata[${index}]`),
    ),
  };
}

/** What was checked of a batch already. */
export class BatchTexts {
  readonly order = new DimensionOrder();
  readonly paths = new SeenTexts(checkedPath);
  readonly names = new SeenTexts(checkedName);
  readonly units = new SeenTexts(checkedUnit);
  readonly dimensions = new SeenPaths(checkedDimension);
}

/** What is said of a path, which may be one above those that series have. */
export function checkedMetadata(metadata: DimensionMetadata, field: string): DimensionMetadata {
  checkText(metadata.label, `${field}.label`, labelBytesMax);
  checkText(metadata.icon, `${field}.icon`, labelBytesMax);
  checkText(metadata.description, `${field}.description`, descriptionBytesMax);
  return {
    ...metadata,
    dimension: checkedName(metadata.dimension, `${field}.dimension`),
    path: checkedPath(metadata.path, `${field}.path`),
  };
}

/** A metric's or a dimension's name. */
export function checkedName(name: string, field: string): string {
  // From JavaScript there may be none.
  if (!name) throw invalidField(field, "is empty", name);
  checkText(name, field, nameBytesMax);
  return name;
}

function checkedUnit(unit: string, field: string): string {
  checkText(unit, field, nameBytesMax);
  return unit;
}

function checkText(text: string | undefined, field: string, bytesMax: number): void {
  if (text === undefined) return;
  if (text.includes("\0")) throw invalidField(field, "has a NUL character", text);
  if (!text.isWellFormed()) throw invalidField(field, "holds half of a surrogate pair");
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) {
    throw invalidField(field, `has ${bytes} bytes, and ${bytesMax} are the most`, text);
  }
}

function checkedFunction(fn: string | undefined, field: string): SeriesFunction {
  if (fn === undefined || fn === "") return "Single";
  if (fn === "Single" || fn === "DssVest") return fn;
  throw invalidField(`${field}.fn`, "expected Single or DssVest", fn);
}

function checkedValue(value: number, field: string): number {
  if (Number.isFinite(value)) return value;
  throw invalidField(`${field}.value`, "is not a finite number", String(value));
}

export const isGoodTime = (ms: number): boolean =>
  Number.isSafeInteger(ms) && ms >= timeMin && ms <= timeMax;

function checkedTime(ms: number, field: string, part: "start_time" | "end_time"): number {
  if (isGoodTime(ms)) return ms;
  throw invalidField(
    `${field}.${part}`,
    "is no instant of the years 1 to 9999, to the millisecond",
    String(ms),
  );
}

function checkedEnd(
  { start, end }: NewSeries,
  fn: SeriesFunction,
  field: string,
): number | undefined {
  if (end === undefined) {
    if (fn === "DssVest") throw invalidField(`${field}.end_time`, "is required of a DssVest");
    return undefined;
  }
  checkedTime(end, field, "end_time");
  if (end >= start) return end;
  const said = new Date(end).toISOString();
  throw invalidField(
    `${field}.end_time`,
    `is before start_time, ${new Date(start).toISOString()}`,
    said,
  );
}

function checkParams(params: JsonObject, field: string): void {
  const json = JSON.stringify(params, (_name, value: unknown) => {
    // JSON says null instead.
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    throw invalidField(field, "holds a number that is not finite", String(value));
  });
  const bytes = Buffer.byteLength(json);
  if (bytes > paramsBytesMax) {
    throw invalidField(field, `has ${bytes} bytes as JSON, and ${paramsBytesMax} are the most`);
  }
  // A database's text holds no NUL, in JSON neither.
  if (escapedNul.test(json)) throw invalidField(field, "has a NUL character");
  if (escapedHalf.test(json)) throw invalidField(field, "holds half of a surrogate pair");
}

function toCliff(params: JsonObject | undefined, field: string): number | undefined {
  const cliff = params?.["cliff"];
  if (cliff === undefined || cliff === null) return undefined;
  const ms = typeof cliff === "string" && isInstant(cliff) ? Date.parse(cliff) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw invalidField(field, "expected an RFC 3339 instant, with its offset", JSON.stringify(cliff));
}

/** Date.parse takes the 30th of February for the 1st of March. */
const isInstant = (text: string): boolean =>
  rfc3339.test(text) && new Date(text.slice(0, 10)).getUTCDate() === Number(text.slice(8, 10));

function checkedDimensions(
  dimensions: Readonly<Record<string, string>>,
  field: string,
  texts: BatchTexts,
): CheckedSeries["dimensions"] {
  const names = texts.order.of(dimensions);
  if (names.length > dimensionsMax) {
    throw invalidField(
      `${field}.dimensions`,
      `there are ${names.length}, and ${dimensionsMax} are the most`,
    );
  }
  return names.map((name) => texts.dimensions.checked(name, dimensions[name] as string, field));
}

const checkedDimension = (name: string, path: string, field: string): NamedPath => [
  checkedName(name, `${field}.dimensions`),
  checkedPath(path, `${field}.dimensions[${name}]`),
];

/** In JSON, where an even number of backslashes before an escape stands for backslashes. */
const escapedNul = /(?<!\\)(?:\\\\)*\\u0000/;
/** JSON.stringify escapes the halves alone; whole pairs stay as they are. */
const escapedHalf = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;
/** With an offset: an instant without one would be the server's local time. */
const rfc3339 = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;
const nameBytesMax = 255;
const labelBytesMax = 1024;
const descriptionBytesMax = 4096;
const paramsBytesMax = 4096;
const dimensionsMax = 32;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: a google.protobuf.Timestamp says no more. */
const timeMin = -62_135_596_800_000;
const timeMax = 253_402_300_799_999;
