import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { rpcCallOf } from "../call.ts";
import { TiffinError } from "../errors.ts";
import { answerIdentified, type WriteMethod } from "../identified-write.ts";
import { child, type Key } from "../store/key.ts";
import { tenantsRoot } from "../store/layers/directory.ts";
import type { Leavings } from "../store/layers/leavings.ts";
import type { Entry, Store, Tx } from "../store/store.ts";
import type { TenantLimits } from "./tenant-limits.ts";
import type { TenantRecord } from "./tenant-record.ts";

/** What every method of the room works with. */
export interface TenantRoom {
  readonly store: Store;
  readonly limits: TenantLimits;
  /** What tenants have outside of the store; absent: nothing. */
  readonly leavings?: Leavings;
}

export const recordOf = (name: string): Key => child(tenantsRoot, name);

/** Refuses unless the tenant has the version that the caller expects; 0: any. */
export function checkVersion(
  name: string,
  expected: bigint,
  entry: Entry<TenantRecord> | undefined,
): void {
  const actual = entry?.version ?? 0;
  if (expected === 0n || Number(expected) === actual) return;
  throw new TiffinError(
    "precondition_failed",
    `expected_version: expected ${expected}, and the version there is ${actual}`,
    {
      metadata: {
        tenant: name,
        field: "expected_version",
        expected: String(expected),
        actual: String(actual),
      },
    },
  );
}

interface Answering<Request extends DescMessage, Response extends DescMessage> {
  readonly method: WriteMethod<Request, Response>;
  readonly request: MessageShape<Request> & { readonly requestId: string };
  /** Held for the whole write: the tenant's record, or the lock of all creations. */
  readonly lock: Key;
  readonly attempt: (tx: Tx) => Promise<MessageShape<Response>>;
}

/** Runs the write and answers it; under a request id once, and then again what it answered. */
export async function answerTenantWrite<Request extends DescMessage, Response extends DescMessage>(
  store: Store,
  context: HandlerContext,
  { method, request, lock, attempt }: Answering<Request, Response>,
): Promise<MessageShape<Response>> {
  const locks = { exclusive: [lock] };
  if (request.requestId !== "") {
    return answerIdentified(store, context, { method, request, tenant: 0, locks, attempt });
  }
  const { result, revision } = await store.update(locks, attempt, rpcCallOf(context));
  return method.stamp(result, BigInt(revision));
}
