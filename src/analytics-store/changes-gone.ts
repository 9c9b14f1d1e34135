import { TiffinError } from "../errors.ts";
import type { SeriesRevision } from "./analytics-store.ts";

/** What every engine answers to a revision whose later changes it does not know, or no longer. */
export const changesGone = (oldest: SeriesRevision, after: SeriesRevision): TiffinError =>
  new TiffinError(
    "history_gone",
    `the changes since revision ${after} are not all remembered; the oldest to continue from is ${oldest}`,
    { metadata: { oldest: String(oldest), after: String(after) } },
  );
