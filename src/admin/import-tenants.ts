import type { HandlerContext } from "@connectrpc/connect";
import {
  type ImportedTenant,
  ImportOutcome,
  type ImportRequest,
  type ImportResponse,
  WhenExists,
} from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportHeader, ExportTrailer } from "#gen/tiffin/admin/v1/export_pb.ts";
import { rpcCallOf } from "../call.ts";
import { TiffinError } from "../errors.ts";
import type { AdminRoom } from "./admin-room.ts";
import { checkHeader } from "./export-format.ts";
import { exportInvalid } from "./export-invalid.ts";
import { forgetImport, forgetOldImports } from "./forget-import.ts";
import { type StagedResult, type StagedTenant, stagedTenantKey } from "./import-job.ts";
import { ImportParts } from "./import-parts.ts";
import { mergeTenant } from "./merging.ts";
import { openImport } from "./open-import.ts";
import { assertMergeable, assertPlaceable, type Placing, placeTenants } from "./placing.ts";
import { Staging } from "./staging.ts";

/**
 * Stages all of the export where nobody sees it; when its digests have held to the end, makes each tenant reachable in
 * one small commit, or merges it into the one there is.
 */
export async function importTenants(
  room: AdminRoom,
  requests: AsyncIterable<ImportRequest>,
  context: HandlerContext,
): Promise<ImportResponse> {
  const call = rpcCallOf(context);
  const { clock, limits, store } = room;
  const parts = new ImportParts(requests, { clock, pauseMsMax: limits.requestMsMax, call });
  const { header, whenExists } = await parts.header();
  checkHeader(room, header);
  await forgetOldImports(store);
  const placing: Placing = { header, whenExists: whenExists || WhenExists.REFUSE, call };
  const opened = await openImport(store, header, call);
  if (opened.job.nextChunk === 0) await assertPlaceable(room, placing);
  const staging = new Staging(room, opened, { header, call });
  const resumedChunks = staging.job.nextChunk;
  try {
    const trailer = await stage(parts, staging, header);
    await assertMergeable(room, placing);
    const tenants = await placeAll(room, placing);
    await forgetImport(store, header.exportId);
    return toResponse(header, { trailer, resumedChunks, tenants });
  } catch (error) {
    throw withProgress(error, header, staging);
  }
}

async function stage(
  parts: ImportParts,
  staging: Staging,
  header: ExportHeader,
): Promise<ExportTrailer> {
  const rest = parts.rest(header);
  for (;;) {
    const { done, value } = await rest.next();
    if (!done) {
      await staging.add(value);
      continue;
    }
    const { nextChunk, records } = staging.job;
    if (Number(value.chunks) !== nextChunk || Number(value.records) !== records) {
      throw exportInvalid(`has ${records} records, and its trailer says ${value.records}`);
    }
    return value;
  }
}

async function placeAll(room: AdminRoom, placing: Placing): Promise<ImportedTenant[]> {
  const { header, call } = placing;
  await placeTenants(room, placing);
  const tenants: ImportedTenant[] = [];
  for (const name of header.tenants) {
    const where = stagedTenantKey(header.exportId, name);
    const { entries } = await room.store.get([where], call);
    const staged = entries[0]?.value as StagedTenant | undefined;
    const result = staged?.result ?? (await mergeTenant(room, placing, name));
    tenants.push(toImportedTenant(name, result));
  }
  return tenants;
}

function toResponse(
  { exportId }: ExportHeader,
  result: {
    readonly trailer: ExportTrailer;
    readonly resumedChunks: number;
    readonly tenants: ImportedTenant[];
  },
): ImportResponse {
  return {
    $typeName: "tiffin.admin.v1.ImportResponse",
    exportId,
    chunks: result.trailer.chunks,
    resumedChunks: BigInt(result.resumedChunks),
    records: result.trailer.records,
    tenants: result.tenants,
  };
}

const toImportedTenant = (
  name: string,
  { outcome, written, kept }: StagedResult,
): ImportedTenant => ({
  $typeName: "tiffin.admin.v1.ImportedTenant",
  name,
  outcome: outcomes[outcome],
  writtenRecords: BigInt(written),
  keptRecords: BigInt(kept),
});

const outcomes: Record<StagedResult["outcome"], ImportOutcome> = {
  created: ImportOutcome.CREATED,
  replaced: ImportOutcome.REPLACED,
  merged: ImportOutcome.MERGED,
};

/** Says how far the import came: from there it goes on. */
function withProgress(error: unknown, { exportId }: ExportHeader, { job }: Staging): unknown {
  if (!(error instanceof TiffinError)) return error;
  const progress = {
    export_id: exportId,
    next_chunk: String(job.nextChunk),
    records: String(job.records),
  };
  const { metadata, ...details } = error.details;
  return new TiffinError(error.kind, error.message, {
    ...details,
    metadata: { ...metadata, ...progress },
  });
}
