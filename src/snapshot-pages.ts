import { setImmediate } from "node:timers/promises";
import type { RpcCall } from "./call.ts";
import { throwIfOver } from "./store/call-end.ts";
import type { Key, Range } from "./store/key.ts";
import type { Entry, Snapshot } from "./store/store.ts";

interface Pages {
  readonly range: Range;
  readonly descending: boolean;
  readonly limit: number;
  readonly call: RpcCall;
  /** This process's clock, which the call's deadline is on. */
  readonly now: () => number;
}

/** All of the range, page by page, some of them empty: in bounded memory, and in turns with the other calls. */
export async function* snapshotPages<V>(
  snapshot: Snapshot,
  { range, descending, limit, call, now }: Pages,
): AsyncGenerator<readonly Entry<V>[]> {
  let after: Key | undefined;
  for (;;) {
    const options = { limit, descending, ...(after === undefined ? {} : { after }) };
    const page = await snapshot.page(range, options);
    yield page.entries as readonly Entry<V>[];
    if (page.next === undefined) return;
    after = page.next;
    await setImmediate();
    throwIfOver(call, now());
  }
}
