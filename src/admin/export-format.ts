import type { ExportHeader, ExportPart } from "#gen/tiffin/admin/v1/export_pb.ts";
import { limitExceeded, TiffinError } from "../errors.ts";
import type { AdminRoom } from "./admin-room.ts";
import { exportInvalid } from "./export-invalid.ts";

export const exportFormat = "tiffin-export";
export const exportFormatVersion = 1;

export const toPart = (part: ExportPart["part"]): ExportPart => ({
  $typeName: "tiffin.admin.v1.ExportPart",
  part,
});

/** Refuses an export that this server cannot take in, whatever follows. */
export function checkHeader({ store, limits }: AdminRoom, header: ExportHeader): void {
  const { format, formatVersion, exportId, revision, tenants } = header;
  if (format !== exportFormat || formatVersion !== exportFormatVersion) {
    throw exportInvalid(
      `has the format ${format} ${formatVersion}, and this server takes ${exportFormat} ${exportFormatVersion}`,
    );
  }
  if (!/^[0-9A-Za-z-]{1,64}$/.test(exportId)) throw exportInvalid("has no id");
  if (revision <= 0n || revision > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw exportInvalid("has a revision that is none");
  }
  // It cannot be taken in, and looking at each of a million names takes its time.
  if (tenants.length > limits.tenantsMax) {
    throw limitExceeded("tenants", limits.tenantsMax, tenants.length);
  }
  if (new Set(tenants).size !== tenants.length || !tenants.every((name) => nameForm.test(name))) {
    throw exportInvalid("has tenants with names that they cannot have");
  }
  checkAhead(Number(revision), store.now());
}

/** Versions far ahead would drag along every revision that follows. */
function checkAhead(revision: number, now: number): void {
  if (revision / 1000 <= now + aheadMsMax) return;
  const theirs = new Date(revision / 1000).toISOString();
  const ours = new Date(now).toISOString();
  throw new TiffinError(
    "version_ahead",
    `the export is of ${theirs}, more than a day ahead of this store's clock, ${ours}`,
    { metadata: { export_time: theirs, store_time: ours } },
  );
}

const nameForm = /^[a-z0-9][a-z0-9-]{0,62}$/;
const aheadMsMax = 24 * 3_600_000;
