import { TiffinError } from "../errors.ts";
import type { Revision } from "./store.ts";

/** What every engine answers to a revision that its history does not contain, or no longer. */
export const historyGone = (oldest: Revision, after: Revision): TiffinError =>
  new TiffinError(
    "history_gone",
    `the history does not contain revision ${after}; the oldest to continue from is ${oldest}`,
    { metadata: { oldest: String(oldest), after: String(after) } },
  );
