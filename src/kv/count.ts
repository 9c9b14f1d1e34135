import type { HandlerContext } from "@connectrpc/connect";
import type { CountRequest, CountResponse } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { snapshotPages } from "../snapshot-pages.ts";
import { checkNamespace } from "./checked-key.ts";
import type { Room } from "./room.ts";
import { toRange, toSelection } from "./selector.ts";

export async function count(
  { reach, store, limits, clock }: Room,
  { namespace, selector }: CountRequest,
  context: HandlerContext,
): Promise<CountResponse> {
  checkNamespace(namespace);
  const call = rpcCallOf(context);
  const selection = toSelection(selector, limits.keyBytesMax);
  const { snapshot, namespace: found } = await reach.snapshot(call, namespace);
  try {
    let entries = 0;
    if (found !== undefined) {
      const range = toRange(found.entries, selection);
      const now = (): number => clock.now();
      const pages = { range, descending: false, limit: store.limits.pageRecords, call, now };
      for await (const page of snapshotPages(snapshot, pages)) entries += page.length;
    }
    return {
      $typeName: "tiffin.kv.v1.CountResponse",
      count: BigInt(entries),
      revision: BigInt(snapshot.revision),
    };
  } finally {
    snapshot.close();
  }
}
