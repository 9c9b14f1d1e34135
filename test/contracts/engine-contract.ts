import { describe } from "vitest";
import { describeCommits } from "./engine-commits.ts";
import { describeExpectations } from "./engine-expectations.ts";
import { describeEngineExpiry } from "./engine-expiry.ts";
import { describeExpiryModel } from "./engine-expiry-model.ts";
import { describeHistory } from "./engine-history.ts";
import { describeMoves } from "./engine-moves.ts";
import { describePages } from "./engine-pages.ts";
import { describePurge } from "./engine-purge.ts";
import { describeRangeDeletions } from "./engine-range-deletions.ts";
import { describeReads } from "./engine-reads.ts";
import { describeEngineReasons } from "./engine-reasons.ts";
import { describeSnapshots } from "./engine-snapshots.ts";
import { describeStatistics } from "./engine-statistics.ts";
import type { EngineUnderTest } from "./engine-subject.ts";

/** What every engine does, in memory or in a database. */
export function describeEngineContract(subject: EngineUnderTest): void {
  describe(`engine contract: ${subject.name}`, () => {
    describeReads(subject);
    describePages(subject);
    describeCommits(subject);
    describeExpectations(subject);
    describeRangeDeletions(subject);
    describeEngineExpiry(subject);
    describeExpiryModel(subject);
    describeHistory(subject);
    describeSnapshots(subject);
    describeStatistics(subject);
    describePurge(subject);
    describeMoves(subject);
    describeEngineReasons(subject);
  });
}
