import type { HandlerContext } from "@connectrpc/connect";
import type { ScanRequest, ScanResponse } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { fragmentBytesMax, fragments } from "../fragments.ts";
import { snapshotPages } from "../snapshot-pages.ts";
import type { ByteString } from "../store/byte-string.ts";
import { stringAfter } from "../store/key.ts";
import { checkNamespace } from "./checked-key.ts";
import { answerBytesOf, type StoredEntry, toEntryInView } from "./entry.ts";
import type { SnapshotReach } from "./reach.ts";
import type { Room } from "./room.ts";
import { type Selection, toRange, toSelection } from "./selector.ts";

export async function* scan(
  room: Room,
  request: ScanRequest,
  context: HandlerContext,
): AsyncGenerator<ScanResponse> {
  checkNamespace(request.namespace);
  const selection = toSelection(request.selector, room.limits.keyBytesMax);
  const reached = await room.reach.snapshot(rpcCallOf(context), request.namespace);
  try {
    const revision = BigInt(reached.snapshot.revision);
    const toResponse = (entries: ScanResponse["entries"]): ScanResponse => ({
      $typeName: "tiffin.kv.v1.ScanResponse",
      entries,
      revision,
    });
    let isFirst = true;
    for await (const entries of parts(room, { reached, selection, request, context })) {
      if (isFirst || entries.length > 0) yield toResponse(entries);
      isFirst = false;
    }
    if (isFirst) yield toResponse([]);
  } finally {
    reached.snapshot.close();
  }
}

interface Scanned {
  readonly reached: SnapshotReach;
  readonly selection: Selection;
  readonly request: ScanRequest;
  readonly context: HandlerContext;
}

async function* parts(
  { clock, limits }: Room,
  { reached, selection, request: { descending, view }, context }: Scanned,
): AsyncGenerator<ScanResponse["entries"]> {
  if (reached.namespace === undefined) return;
  const root = reached.namespace.entries;
  const range = toRange(root, selection);
  const call = rpcCallOf(context);
  const now = (): number => clock.now();
  const bytesMax = fragmentBytesMax(limits);
  const bytesOf = (stored: StoredEntry): number =>
    answerBytesOf("", stored, view) + stored.key.length;
  const pages = { range, descending, limit: entriesPerPage, call, now };
  for await (const page of snapshotPages<ByteString>(reached.snapshot, pages)) {
    if (page.length === 0) yield []; // so that the first message does not wait for entries
    for (const part of fragments(page, bytesOf, bytesMax)) {
      yield part.map((stored) => toEntryInView(stringAfter(root, stored.key), stored, view));
    }
  }
}

const entriesPerPage = 1000;
