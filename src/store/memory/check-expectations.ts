import type { Conflict, Expectation, KeyExpectation } from "../store.ts";
import type { HistoryRing } from "./history-ring.ts";
import type { Records } from "./records.ts";
import { never, type StoredRecord } from "./stored-record.ts";

/** What expectations are checked against. */
export interface Present {
  readonly records: Records;
  readonly history: HistoryRing;
  readonly now: number;
}

/** The first expectation that does not hold, with what is there instead. */
export function firstConflict(
  expect: readonly Expectation[],
  present: Present,
): Conflict | undefined {
  for (const expected of expect) {
    if ("range" in expected) {
      if (present.history.unchangedSince(expected.unchangedSince, expected.range)) continue;
      return { expected };
    }
    const record = present.records.find(expected.key);
    if (holds(expected.is, record, present)) continue;
    return record !== undefined && present.records.isLive(record, present.now)
      ? { expected, actual: present.records.entry(record) }
      : { expected };
  }
  return undefined;
}

function holds(
  is: KeyExpectation["is"],
  record: StoredRecord | undefined,
  { records, now }: Present,
): boolean {
  const live = record !== undefined && records.isLive(record, now);
  if (is === "present") return live;
  if (is === "absent") return !live;
  if (is === "expired") return record !== undefined && !live;
  if (!live) return false;
  if ("created" in is) return record.created === is.created;
  if (record.version !== is.version) return false;
  if (is.expireAt === undefined) return true;
  return records.expireAt(record) === (is.expireAt === "none" ? never : is.expireAt);
}
