import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { type ExportHeader, ExportHeaderSchema } from "#gen/tiffin/admin/v1/export_pb.ts";
import type { RpcCall } from "../call.ts";
import type { Entry, Revision, Store } from "../store/store.ts";
import { exportInvalid } from "./export-invalid.ts";
import { forgetImport } from "./forget-import.ts";
import { type ImportJob, jobKey } from "./import-job.ts";

/** An import's job as it was last read or written. */
export interface OpenedImport {
  readonly job: ImportJob;
  /** Undefined: it is not written down yet. */
  readonly version: Revision | undefined;
}

/** The import of that export that was cut, to go on with; or a new one, of which nothing is written down yet. */
export async function openImport(
  store: Store,
  header: ExportHeader,
  call: RpcCall,
): Promise<OpenedImport> {
  const begun = await findJob(store, header.exportId, call);
  const digest = headerDigest(header);
  if (begun === undefined) {
    const job = { header: digest, nextChunk: 0, digest: "", records: 0, updatedMs: store.now() };
    return { job, version: undefined };
  }
  if (begun.value.header !== digest) {
    throw exportInvalid("is another than the one of the same id that was begun before");
  }
  return { job: begun.value, version: begun.version };
}

async function findJob(
  store: Store,
  exportId: string,
  call: RpcCall,
): Promise<Entry<ImportJob> | undefined> {
  const { entries } = await store.get([jobKey(exportId)], call);
  const found = entries[0] as Entry<ImportJob> | undefined;
  if (found?.value.done !== true) return found;
  // It came to its end, and the process ended before the last of it was removed.
  await forgetImport(store, exportId);
  return undefined;
}

function headerDigest(header: ExportHeader): string {
  return createHash("sha256").update(toBinary(ExportHeaderSchema, header)).digest("hex");
}
