import { describe } from "vitest";
import { describeSessionCreation } from "./rpc-session-creation.ts";
import { describeSessionEnding } from "./rpc-session-ending.ts";
import { describeSessionLimits } from "./rpc-session-limits.ts";
import { describeSessionLists } from "./rpc-session-lists.ts";
import { describeSessionLogins } from "./rpc-session-logins.ts";
import { describeSessionMoving } from "./rpc-session-moving.ts";
import { describeSessionPolicies } from "./rpc-session-policies.ts";
import { describeSessionRotation } from "./rpc-session-rotation.ts";
import { describeSessionTimes } from "./rpc-session-times.ts";
import { describeSessionUpdates } from "./rpc-session-updates.ts";
import { describeSessionWatchResuming } from "./rpc-session-watch-resuming.ts";
import { describeSessionWatches } from "./rpc-session-watches.ts";
import type { RpcUnderTest } from "./rpc-subject.ts";

/** What every transport answers of sessions, on every engine. */
export function describeSessionContract(subject: RpcUnderTest): void {
  describe(`over ${subject.name}`, () => {
    describeSessionCreation(subject);
    describeSessionPolicies(subject);
    describeSessionTimes(subject);
    describeSessionUpdates(subject);
    describeSessionRotation(subject);
    describeSessionLogins(subject);
    describeSessionLimits(subject);
    describeSessionLists(subject);
    describeSessionEnding(subject);
    describeSessionWatches(subject);
    describeSessionWatchResuming(subject);
    describeSessionMoving(subject);
  });
}
