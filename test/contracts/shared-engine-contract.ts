import { describe } from "vitest";
import { describeSharedBackground } from "./shared-background.ts";
import { describeSharedFailures } from "./shared-failures.ts";
import { describeSharedOrder } from "./shared-order.ts";
import type { SharedEngineUnderTest } from "./shared-subject.ts";
import { describeSharedUpdates } from "./shared-updates.ts";

/** What an engine that several processes share keeps, beyond what it keeps for each of them. */
export function describeSharedEngineContract(subject: SharedEngineUnderTest): void {
  describe(`shared engine contract: ${subject.name}`, () => {
    describeSharedOrder(subject);
    describeSharedUpdates(subject);
    describeSharedBackground(subject);
    describeSharedFailures(subject);
  });
}
