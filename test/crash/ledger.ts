import type { Revision } from "../../src/store/store.ts";

/** What the writers of one file said they did before they were killed: all that the next process can be held to. */
export interface Ledger {
  readonly seed: number;
  readonly attempted: Map<number, Attempted>;
  /** Plans whose commit was answered, and its revision. */
  readonly acknowledged: Map<number, Revision>;
  /** Plans that were refused, with the kind of the error; "outcome_unknown" leaves open what happened. */
  readonly refused: Map<number, string>;
  highestAcknowledged: Revision;
  /** What the process before the latest one had left behind. */
  recovered: { readonly head: Revision; readonly plans: ReadonlySet<number> };
}

interface Attempted {
  /** Of the commits handed to the engine for it: several when others were faster. */
  readonly ids: Set<string>;
  /** The highest revision acknowledged when it began, which its own must exceed. */
  readonly after: Revision;
}

export const createLedger = (seed: number): Ledger => ({
  seed,
  attempted: new Map(),
  acknowledged: new Map(),
  refused: new Map(),
  highestAcknowledged: 0,
  recovered: { head: 0, plans: new Set() },
});

/** What a writer tells, a line each. What its reader has received is acknowledged. */
export type Line =
  | { readonly tells: "opening" | "opened" | "done" }
  | { readonly tells: "failed"; readonly why: string }
  | { readonly tells: "attempted"; readonly plan: number }
  | { readonly tells: "batch"; readonly commits: number }
  | { readonly tells: "handed"; readonly plan: number; readonly id: string }
  | { readonly tells: "acknowledged"; readonly plan: number; readonly revision: Revision }
  | { readonly tells: "refused"; readonly plan: number; readonly kind: string };

export function enter(ledger: Ledger, line: Line): void {
  switch (line.tells) {
    case "attempted":
      ledger.attempted.set(line.plan, { ids: new Set(), after: ledger.highestAcknowledged });
      return;
    case "handed":
      ledger.attempted.get(line.plan)?.ids.add(line.id);
      return;
    case "acknowledged":
      ledger.acknowledged.set(line.plan, line.revision);
      ledger.highestAcknowledged = Math.max(ledger.highestAcknowledged, line.revision);
      return;
    case "refused":
      ledger.refused.set(line.plan, line.kind);
      return;
    case "batch":
    case "opening":
    case "opened":
    case "done":
    case "failed":
      return;
  }
}
