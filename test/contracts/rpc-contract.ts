import { describe } from "vitest";
import { describeBadInput } from "./rpc-bad-input.ts";
import { describeBatches } from "./rpc-batches.ts";
import { describeExpiry } from "./rpc-expiry.ts";
import { describeIncrements } from "./rpc-increments.ts";
import { describeLimits } from "./rpc-limits.ts";
import { describeLists } from "./rpc-lists.ts";
import { describeNamespaces } from "./rpc-namespaces.ts";
import { describePreconditions } from "./rpc-preconditions.ts";
import { describeRequestIds } from "./rpc-request-ids.ts";
import { describeSetAndGet } from "./rpc-set-and-get.ts";
import type { RpcUnderTest } from "./rpc-subject.ts";
import { describeTenants } from "./rpc-tenants.ts";
import { describeTransactions } from "./rpc-transactions.ts";
import { describeWatchResuming } from "./rpc-watch-resuming.ts";
import { describeWatches } from "./rpc-watches.ts";

/** What every transport answers, on every engine: the same, down to the reasons of its errors. */
export function describeRpcContract(subject: RpcUnderTest): void {
  describe(`over ${subject.name}`, () => {
    describeSetAndGet(subject);
    describePreconditions(subject);
    describeBatches(subject);
    describeTransactions(subject);
    describeIncrements(subject);
    describeExpiry(subject);
    describeLists(subject);
    describeNamespaces(subject);
    describeWatches(subject);
    describeWatchResuming(subject);
    describeRequestIds(subject);
    describeBadInput(subject);
    describeLimits(subject);
    describeTenants(subject);
  });
}
