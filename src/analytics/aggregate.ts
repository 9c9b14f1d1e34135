import {
  AggregateFunction,
  type Aggregate as AggregateMessage,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Aggregate } from "../analytics-store/analytics-store.ts";
import { invalidField } from "../errors.ts";

/** An aggregate as engines are asked for it. */
export function toAggregate(message: AggregateMessage, field: string): Aggregate {
  const found = functions[message.function];
  if (found === undefined) {
    throw invalidField(`${field}.function`, "is none", String(message.function));
  }
  const { percentile } = message;
  if (found === "percentile") return { function: found, percentile };
  if (percentile === 0) return { function: found };
  throw invalidField(`${field}.percentile`, "is said for PERCENTILE alone", String(percentile));
}

const functions: Readonly<Record<AggregateFunction, Aggregate["function"] | undefined>> = {
  [AggregateFunction.UNSPECIFIED]: undefined,
  [AggregateFunction.COUNT]: "count",
  [AggregateFunction.AVG]: "avg",
  [AggregateFunction.MIN]: "min",
  [AggregateFunction.MAX]: "max",
  [AggregateFunction.FIRST]: "first",
  [AggregateFunction.LAST]: "last",
  [AggregateFunction.PERCENTILE]: "percentile",
};
