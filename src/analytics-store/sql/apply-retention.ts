import type { Retired, SourceChange } from "../analytics-store.ts";
import { type CommitRecord, type Committed, recordCommit } from "./commit-record.ts";
import { deleteWhere } from "./delete-series.ts";
import { NewNumbers } from "./new-numbers.ts";
import { rulesOf } from "./retention-rules.ts";
import { retiredIds, scopeOf } from "./retired-series.ts";
import { rollUp } from "./roll-up.ts";
import type { TenantWork } from "./tenant-database.ts";

export interface RetentionRun {
  /** As of when the rules are applied. */
  readonly now: number;
  /** Whether sums may be beyond all doubles. */
  readonly exact: boolean;
  readonly signal: CommitRecord["signal"];
  /** About so many are rolled up in one commit. */
  readonly seriesAtOnce: number;
}

export interface RetentionStep {
  readonly retired: Retired;
  readonly committed?: Committed;
  /** Whether nothing is left to do. */
  readonly isWhole: boolean;
}

/** Commit by commit, so that other writes of the tenant come in between. */
export async function inSteps(step: () => Promise<RetentionStep>): Promise<Retired> {
  let [deleted, rollups] = [0, 0];
  for (let isWhole = false; !isWhole; ) {
    const { retired, ...done } = await step();
    deleted += retired.deleted;
    rollups += retired.rollups;
    isWhole = done.isWhole;
  }
  return { deleted, rollups };
}

/** What the rules of a tenant do, or a good part of it: in one commit, none if they do nothing. */
export async function applyRules(
  work: TenantWork,
  { now, exact, signal, seriesAtOnce }: RetentionRun,
): Promise<RetentionStep> {
  const numbers = new NewNumbers(work);
  const changes: SourceChange[] = [];
  let ids = 0;
  let isWhole = true;
  for (const rule of await rulesOf(work)) {
    if (!isWhole) break;
    const scope = scopeOf(work, numbers, rule);
    if (scope === undefined) continue;
    const retirement = { rule, scope, now, exact, numbers };
    if (rule.rollUp === undefined) {
      changes.push(...(await deleteWhere(work, retiredIds(work, retirement))));
      continue;
    }
    const done = await rollUp(work, {
      ...retirement,
      period: rule.rollUp,
      firstId: work.row.nextSeries + ids,
      seriesAtOnce,
    });
    changes.push(...done.changes);
    ids += done.changes.reduce((sum, { added }) => sum + added, 0);
    isWhole = done.isWhole;
  }
  const total = (of: "added" | "deleted"): number =>
    changes.reduce((sum, change) => sum + change[of], 0);
  const retired = { deleted: total("deleted"), rollups: total("added") };
  if (retired.deleted === 0) return { retired, isWhole };
  const committed = await recordCommit(work, { changes: gathered(changes), numbers, ids, signal });
  return { retired, committed, isWhole };
}

/** One for each source, though several rules did something to it. */
function gathered(changes: readonly SourceChange[]): SourceChange[] {
  const bySource = new Map<string, SourceChange>();
  for (const change of changes) {
    const there = bySource.get(change.source) ?? { ...change, added: 0, deleted: 0 };
    bySource.set(change.source, {
      source: change.source,
      added: there.added + change.added,
      deleted: there.deleted + change.deleted,
      firstStart: Math.min(there.firstStart, change.firstStart),
      lastStart: Math.max(there.lastStart, change.lastStart),
    });
  }
  return [...bySource.values()];
}
