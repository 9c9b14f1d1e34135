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
}

/** What the rules of a tenant do: in one commit, none if they do nothing. */
export async function applyRules(
  work: TenantWork,
  { now, exact, signal }: RetentionRun,
): Promise<{ readonly retired: Retired; readonly committed?: Committed }> {
  const numbers = new NewNumbers(work);
  const changes: SourceChange[] = [];
  let ids = 0;
  for (const rule of await rulesOf(work)) {
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
    });
    changes.push(...done);
    ids += done.reduce((sum, { added }) => sum + added, 0);
  }
  const total = (of: "added" | "deleted"): number =>
    changes.reduce((sum, change) => sum + change[of], 0);
  const retired = { deleted: total("deleted"), rollups: total("added") };
  if (retired.deleted === 0) return { retired };
  const committed = await recordCommit(work, { changes: gathered(changes), numbers, ids, signal });
  return { retired, committed };
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
