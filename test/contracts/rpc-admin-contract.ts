import { describe } from "vitest";
import { describeAdmin } from "./rpc-admin.ts";
import { describeDamagedExports } from "./rpc-admin-damage.ts";
import { describeMerging } from "./rpc-admin-merging.ts";
import { describeMoving } from "./rpc-admin-moving.ts";
import { describeResuming } from "./rpc-admin-resuming.ts";
import type { RpcUnderTest } from "./rpc-subject.ts";

/** What administration answers on every transport. */
export function describeAdminContract(subject: RpcUnderTest): void {
  describe(`administration over ${subject.name}`, () => {
    describeAdmin(subject);
    describeMoving(subject);
    describeDamagedExports(subject);
    describeResuming(subject);
    describeMerging(subject);
  });
}
