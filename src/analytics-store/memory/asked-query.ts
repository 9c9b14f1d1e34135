import type { BucketQuery } from "../analytics-store.ts";
import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import type { Periods } from "./period-ranges.ts";

/** A query while it is answered. */
export interface AskedQuery {
  readonly query: BucketQuery;
  readonly periods: Periods;
  readonly groups: AskedGroups;
  /** In order. */
  readonly chunks: readonly Chunk[];
  /** When the latest rollup begins that the answer counts. */
  readonly rolledUpTo: number | undefined;
}
