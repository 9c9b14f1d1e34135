import { TiffinError } from "../errors.ts";
import type { Revision } from "./store.ts";

/** What every engine answers to a read of a snapshot that has ended. */
export const snapshotLost = (revision: Revision): TiffinError =>
  new TiffinError(
    "snapshot_lost",
    `the snapshot at revision ${revision} is too old, or had to give way; start again`,
    { metadata: { revision: String(revision) } },
  );
