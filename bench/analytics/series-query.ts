import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  Granularity,
  type SeriesQuery,
  SeriesQuerySchema,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Question } from "./questions.ts";
import { yearEndMs, yearStartMs } from "./sample-series.ts";

/** A question in the contract's words. */
export const toSeriesQuery = ({ granularity, select }: Question): SeriesQuery =>
  create(SeriesQuerySchema, {
    startTime: timestampFromMs(yearStartMs),
    endTime: timestampFromMs(yearEndMs),
    granularity: granularities[granularity],
    metrics: ["Budget"],
    units: ["DAI"],
    select: select.map(({ dimension, levels, path }) => ({
      dimension,
      levelOfDetail: levels,
      paths: path === undefined ? [] : [path],
    })),
  });

const granularities = {
  total: Granularity.TOTAL,
  monthly: Granularity.MONTHLY,
  daily: Granularity.DAILY,
};
