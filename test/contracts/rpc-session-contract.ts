import { describe } from "vitest";
import { describeSessionCreation } from "./rpc-session-creation.ts";
import { describeSessionPolicies } from "./rpc-session-policies.ts";
import { describeSessionTimes } from "./rpc-session-times.ts";
import type { RpcUnderTest } from "./rpc-subject.ts";

/** What every transport answers of sessions, on every engine. */
export function describeSessionContract(subject: RpcUnderTest): void {
  describe(`over ${subject.name}`, () => {
    describeSessionCreation(subject);
    describeSessionPolicies(subject);
    describeSessionTimes(subject);
  });
}
