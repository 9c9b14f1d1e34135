import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Group, Period, SeriesQuery } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { RpcCall } from "../call.ts";
import { TiffinError } from "../errors.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import type { QueryProfile } from "./query-profile.ts";

/** A question that is being answered. */
export interface QueryRun {
  readonly periods: Period[];
  readonly comparedPeriods: Period[];
  /** Of the tenant's series that the answer is of, or an earlier one than some of its groups are of. */
  readonly revision: bigint;
  /** The groups in their order, so many at a time as are worked out at once; to be gone through once. */
  readonly groups: AsyncGenerator<Group[]>;
  /** Known when the groups are through. */
  rolledUpBefore(): Timestamp | undefined;
}

/** Answers the question as the store has it now. `field` is where it stands in the request. */
export async function runQuery(
  _room: AnalyticsRoom,
  _call: RpcCall,
  _asked: { readonly query: SeriesQuery; readonly profile?: QueryProfile | undefined },
): Promise<QueryRun> {
  throw new TiffinError("internal", "not there yet");
}
