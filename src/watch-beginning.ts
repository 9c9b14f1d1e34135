import { TiffinError } from "./errors.ts";
import { fromResumeToken } from "./resume-token.ts";
import type { Key } from "./store/key.ts";
import type { Revision } from "./store/store.ts";

/** Where a watch begins: now, with what is there, or just after what its caller has seen. */
export type WatchBeginning = { readonly from: "now" | "initial" } | { readonly after: Revision };

/** As the oneof of every watch's request has it. */
export type AskedBeginning =
  | { readonly case: "afterRevision"; readonly value: bigint }
  | { readonly case: "resumeToken"; readonly value: string }
  | { readonly case: "initialState"; readonly value: boolean }
  | { readonly case: undefined; readonly value?: undefined };

/** `query` is what the watch is over; a token of it resumes no other. */
export function toBeginning(start: AskedBeginning, query: Key): WatchBeginning {
  switch (start.case) {
    case "afterRevision":
      return { after: toRevision(start.value) };
    case "resumeToken":
      return { after: fromResumeToken(query, start.value) };
    case "initialState":
      return { from: "initial" };
    case undefined:
      return { from: "now" };
  }
}

/** Whoever was that far had seen another tenant of the name, whose end is in no history of this one. */
export function checkTenantSince(
  { name, created }: { readonly name: string; readonly created: Revision },
  after: Revision,
): void {
  if (after >= created) return;
  throw new TiffinError("history_gone", `the tenant ${name} was created after revision ${after}`, {
    metadata: { oldest: String(created), after: String(after) },
  });
}

/** A number that no revision can be was never answered by a call here. */
function toRevision(asked: bigint): Revision {
  const revision = Number(asked);
  if (Number.isSafeInteger(revision)) return revision;
  throw new TiffinError("history_gone", `after_revision: ${asked} was never a revision here`, {
    metadata: { after: String(asked) },
  });
}
