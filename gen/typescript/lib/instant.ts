import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";

/** A Date, a luxon DateTime, or Unix milliseconds. */
export interface Instant {
  valueOf(): number;
}

/** A RangeError when it is no instant, such as an invalid Date. */
export function toTimestamp(instant: Instant): Timestamp {
  const ms = instant.valueOf();
  if (!Number.isFinite(ms)) throw new RangeError("not an instant: an invalid date");
  return timestampFromMs(Math.floor(ms));
}
