import type { Failpoints } from "./failpoint.ts";
import type { FoundRows } from "./found-rows.ts";
import type { RootChanges } from "./root-changes.ts";
import type { SpaceRules } from "./space-rules.ts";
import type { StorePosition } from "./store-position.ts";
import type { WriterStatements } from "./writer-statements.ts";

/** What is done within one transaction works on this. */
export interface OpenTransaction {
  readonly statements: WriterStatements;
  /** The records as this transaction has left them so far. */
  readonly rows: FoundRows;
  readonly rules: SpaceRules;
  readonly failpoints: Failpoints;
  /** Expiries are judged as of this time, in milliseconds. */
  readonly now: number;
  /** How many live records one range deletion may delete. */
  readonly rangeRecords: number;
  /** As this transaction will leave it. */
  readonly position: StorePosition;
  readonly rootChanges: RootChanges;
}
