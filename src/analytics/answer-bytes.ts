import type { Group, Period } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Dimension, Series } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { GroupKey } from "../analytics-store/analytics-store.ts";

/** What parts of an answer take, rather more than less. */
export interface AnswerEncoding {
  readonly number: number;
  /** A group, a period or a series, and a dimension, apart from texts and numbers. */
  readonly item: number;
  readonly dimension: number;
  readonly textBytesOf: (text: string) => number;
}

export const asMessage: AnswerEncoding = {
  number: 8,
  item: 48,
  dimension: 24,
  textBytesOf: (text) => Buffer.byteLength(text),
};

/** In whichever encoding takes more: a number as text may take three times as much as its bits. */
export const asMessageOrJson: AnswerEncoding = {
  number: 26,
  item: 320,
  dimension: 80,
  textBytesOf: (text) => Buffer.byteLength(JSON.stringify(text)),
};

export function bytesOfGroup(group: Group, encoding: AnswerEncoding): number {
  const { item, textBytesOf } = encoding;
  let bytes = item + textBytesOf(group.metric) + textBytesOf(group.unit);
  for (const each of group.dimensions) bytes += bytesOfDimension(each, encoding);
  return bytes + bytesOfColumns(group, encoding);
}

/** What the group takes at least, before it is made: what is said of its paths comes on top. */
export function bytesOfAnswered(
  { paths, metric, unit }: GroupKey,
  { names, numbers }: { readonly names: readonly string[]; readonly numbers: number },
  { number, item, dimension, textBytesOf }: AnswerEncoding,
): number {
  let bytes = item + textBytesOf(metric) + textBytesOf(unit) + numbers * number;
  for (const text of [...names, ...paths]) bytes += textBytesOf(text);
  return bytes + paths.length * dimension;
}

export const bytesOfDimension = (
  { name, path, label, icon, description }: Dimension,
  { dimension, textBytesOf }: AnswerEncoding,
): number => dimension + textBytesOf(name + path + label + icon + description);

function bytesOfColumns(group: Group, { number, dimension }: AnswerEncoding): number {
  const { aggregates, comparedAggregates } = group;
  const columns = 4 + aggregates.length + comparedAggregates.length;
  return columns * dimension + numbersOf(group) * number;
}

/** Of all its columns, which are alike in length. */
export function numbersOf({ value, aggregates, comparedValue, comparedAggregates }: Group): number {
  const own = value.length * (2 + aggregates.length);
  return own + comparedValue.length * (2 + comparedAggregates.length);
}

export const bytesOfPeriods = (periods: readonly Period[], { item, textBytesOf }: AnswerEncoding) =>
  periods.reduce((bytes, { label }) => bytes + item + textBytesOf(label), 0);

export function bytesOfSeries(series: Series, { item, dimension, textBytesOf }: AnswerEncoding) {
  let bytes = item + textBytesOf(series.source) + textBytesOf(series.metric + series.unit);
  for (const [name, path] of Object.entries(series.dimensions)) {
    bytes += dimension + textBytesOf(name + path);
  }
  // As a message each value of the parameters says its kind.
  return (
    bytes +
    (series.params === undefined ? 0 : paramsFactor * textBytesOf(JSON.stringify(series.params)))
  );
}

const paramsFactor = 4;
