import { setImmediate } from "node:timers/promises";
import { toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import type { ExportRequest, ExportResponse } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import {
  type ExportHeader,
  type ExportPart,
  type ExportRecord,
  type ExportRecords,
  ExportRecordsSchema,
} from "#gen/tiffin/admin/v1/export_pb.ts";
import { type RpcCall, rpcCallOf } from "../call.ts";
import { throwIfOver } from "../store/call-end.ts";
import type { Key, Range } from "../store/key.ts";
import { Spaces } from "../store/spaces.ts";
import type { Entry, Snapshot } from "../store/store.ts";
import type { AdminRoom } from "./admin-room.ts";
import { ExportChain } from "./export-chain.ts";
import { exportFormat, exportFormatVersion, toPart } from "./export-format.ts";
import { toExportRecord } from "./export-records.ts";
import { type ExportedTenant, expectedOf, findTenants } from "./exported-tenants.ts";
import { reachableWithin, unreachableRanges } from "./reachable.ts";

/** Everything at one revision, page by page as it is read: a slow reader costs time, and no memory. */
export async function* exportTenants(
  room: AdminRoom,
  request: ExportRequest,
  context: HandlerContext,
): AsyncGenerator<ExportResponse> {
  const call = rpcCallOf(context);
  const snapshot = await room.store.snapshot(call, room.limits.exportMsMax);
  try {
    for await (const part of parts(room, { snapshot, names: request.tenants, call })) {
      yield { $typeName: "tiffin.admin.v1.ExportResponse", part: toPart(part) };
    }
  } finally {
    snapshot.close();
  }
}

interface Exporting {
  readonly snapshot: Snapshot;
  readonly names: readonly string[];
  readonly call: RpcCall;
}

async function* parts(
  room: AdminRoom,
  { snapshot, names, call }: Exporting,
): AsyncGenerator<ExportPart["part"]> {
  const tenants = await findTenants(snapshot, names);
  const unreachable = await unreachableRanges(snapshot, room.purgeJobs);
  const header = await headerOf(room, snapshot, tenants);
  const chain = new ExportChain(header);
  yield { case: "header", value: header };
  let chunks = 0n;
  let records = 0n;
  for (const tenant of tenants) {
    const ranges = reachableWithin(tenant.number, unreachable);
    for await (const content of contents(room, { snapshot, tenant, ranges, call })) {
      const encoded = toBinary(ExportRecordsSchema, content);
      const digest = chain.addChunk(chunks, tenant.name, encoded);
      yield {
        case: "chunk",
        value: {
          $typeName: "tiffin.admin.v1.ExportChunk",
          index: chunks,
          tenant: tenant.name,
          records: encoded,
          digest,
        },
      };
      chunks++;
      records += BigInt(content.records.length + (content.tenant === undefined ? 0 : 1));
    }
  }
  const trailer = { chunks, records, digest: chain.trailerDigest({ chunks, records }) };
  yield { case: "trailer", value: { $typeName: "tiffin.admin.v1.ExportTrailer", ...trailer } };
}

async function headerOf(
  { store, newId, tiffinVersion }: AdminRoom,
  snapshot: Snapshot,
  tenants: readonly ExportedTenant[],
): Promise<ExportHeader> {
  const expected = await expectedOf(store, tenants);
  return {
    $typeName: "tiffin.admin.v1.ExportHeader",
    format: exportFormat,
    formatVersion: exportFormatVersion,
    exportId: newId(),
    revision: BigInt(snapshot.revision),
    createTime: timestampFromMs(Math.floor(store.now())),
    tenants: tenants.map(({ name }) => name),
    expectedRecords: BigInt(expected.records),
    expectedBytes: BigInt(expected.bytes),
    tiffinVersion,
  };
}

interface ExportingTenant {
  readonly snapshot: Snapshot;
  readonly tenant: ExportedTenant;
  readonly ranges: readonly Range[];
  readonly call: RpcCall;
}

/** What the tenant's chunks hold: its own record in the first, which there always is. */
async function* contents(
  room: AdminRoom,
  { tenant, ...reading }: ExportingTenant,
): AsyncGenerator<ExportRecords> {
  const bytesMax = Math.min(chunkBytes, room.limits.messageBytesMax / 4);
  let own: ExportRecord | undefined = toExportRecord(tenant.entry, room.tenantSpace);
  let records: ExportRecord[] = [];
  let bytes = 0;
  const content = (): ExportRecords => ({
    $typeName: "tiffin.admin.v1.ExportRecords",
    ...(own !== undefined && { tenant: own }),
    records,
  });
  const spaces = new Spaces(room.spaces);
  for await (const entry of entriesOf(room, reading)) {
    const space = spaces.of(entry.key);
    if (bytes > 0 && bytes + entry.bytes > bytesMax) {
      yield content();
      own = undefined;
      records = [];
      bytes = 0;
    }
    records.push(toExportRecord(entry, space));
    bytes += entry.bytes;
  }
  if (own !== undefined || records.length > 0) yield content();
}

async function* entriesOf(
  { store }: AdminRoom,
  { snapshot, ranges, call }: Omit<ExportingTenant, "tenant">,
): AsyncGenerator<Entry> {
  for (const range of ranges) {
    let after: Key | undefined;
    do {
      const page = await snapshot.page(range, { limit: entriesPerPage, ...(after && { after }) });
      yield* page.entries;
      after = page.next;
      await setImmediate();
      throwIfOver(call, store.now());
    } while (after !== undefined);
  }
}

/** About so much is in one chunk: few messages, and every one below what a message may have, one large value included. */
const chunkBytes = 512 * 1024;
const entriesPerPage = 1000;
