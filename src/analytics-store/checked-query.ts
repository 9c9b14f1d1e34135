import { invalidField } from "../errors.ts";
import type { AggregateFunction, BucketQuery } from "./analytics-store.ts";

/** Refuses what types do not let through: a query that comes from JavaScript may ask for anything. */
export function checkQuery({ aggregates }: BucketQuery): void {
  for (const [index, { function: of }] of aggregates.entries()) {
    if (Object.hasOwn(known, of)) continue;
    const field = `aggregates[${index}].function`;
    throw invalidField(field, `expected one of ${Object.keys(known).join(", ")}`, String(of));
  }
}

/** Each is named, so that one that is added is not forgotten here. */
const known: Readonly<Record<AggregateFunction, true>> = {
  count: true,
  avg: true,
  min: true,
  max: true,
  first: true,
  last: true,
  percentile: true,
};
