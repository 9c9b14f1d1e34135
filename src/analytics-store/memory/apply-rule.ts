import type { RetentionRule, Retired } from "../analytics-store.ts";
import { isWithin } from "../path.ts";
import { calendarPeriod } from "./calendar-period.ts";
import type { ChangeTally } from "./change-tally.ts";
import type { Chunk } from "./chunk.ts";
import { isCut, type RowTest, retentionCut } from "./retention-cut.ts";
import { RollupPlan } from "./rollup-plan.ts";
import type { TenantRows } from "./tenant-rows.ts";

/** Up to where a rule was applied: rollups that began before and were there then are as they have to be. */
export interface Settled {
  readonly until: number;
  readonly lastId: number;
}

interface Application {
  readonly now: number;
  readonly tally: ChangeTally;
  /** By this rule, when it was applied last. */
  readonly before: Settled | undefined;
}

/** Deletes, or rolls up, what the rule does not keep. */
export function applyRule(
  all: TenantRows,
  rule: RetentionRule,
  { now, tally, before: earlier }: Application,
): Retired & { readonly settled: Settled } {
  const { chunks } = all.rows;
  const isMeant = testOf(all, rule);
  const isRollup: RowTest = (chunk, at) => all.isRollup(chunk, at);
  const cut = retentionCut(chunks, rule, { now, isMeant, isRollup });
  const settled = (): Settled => ({ until: cut.until, lastId: all.lastId });
  const { rollUp } = rule;
  // Rolled up, all of a DssVest would count at its start.
  const stays: RowTest = (chunk, at) =>
    rollUp === undefined
      ? accruesAt(chunk, at, now)
      : all.cells.fnOf(chunk.cells[at] as number) === "DssVest";
  const goes: RowTest = (chunk, at) =>
    isCut(cut, chunk, at) && isMeant(chunk, at) && !stays(chunk, at);
  if (rollUp === undefined) {
    const deleted = all.remove(goes, { mayBeIn: ({ earliest }) => earliest <= cut.until, tally });
    return { deleted, rollups: 0, settled: settled() };
  }
  const plan = new RollupPlan(all, rollUp);
  const before = Number.isFinite(cut.until) ? calendarPeriod(cut.until, rollUp).to : cut.until;
  plan.read(chunks, {
    isMeant,
    goes,
    before,
    changes: changesSince(all, earlier, { isMeant, goes }),
  });
  if (plan.made.length === 0) return { deleted: 0, rollups: 0, settled: settled() };
  const merged = new Set(plan.made.flatMap(({ rollups }) => rollups));
  const isRolledUp: RowTest = (chunk, at) =>
    all.isRollup(chunk, at) ? merged.has(chunk.ids[at] as number) : goes(chunk, at);
  const deleted = all.remove(isRolledUp, {
    mayBeIn: ({ earliest }) => earliest < before,
    tally,
  });
  for (const place of plan.made) all.add(place.row(all.newId()), tally);
  // Its own rollups are among what is settled.
  return { deleted, rollups: plan.made.length, settled: settled() };
}

/** Whether the rule is about a row. */
function testOf({ cells, sources }: TenantRows, { source, metric }: RetentionRule): RowTest {
  const ofCell = cells.matching({ metrics: metric === undefined ? undefined : [metric] });
  const ofSource =
    source === undefined ? undefined : sources.where((path) => isWithin(path, source));
  return (chunk, at) =>
    ofCell[chunk.cells[at] as number] === 1 &&
    (ofSource === undefined || ofSource[chunk.sources[at] as number] === 1);
}

/**
 * Whether a row changes what the rule has made of its period before: it goes now, or is a rollup of another rule, which is merged with those that go. Without
 * what is settled every minute would read all rollups again.
 */
function changesSince(
  all: TenantRows,
  settled: Settled | undefined,
  { isMeant, goes }: Record<"isMeant" | "goes", RowTest>,
): RowTest {
  if (settled === undefined) return goes;
  const { until, lastId } = settled;
  return (chunk, at) => {
    if (!all.isRollup(chunk, at)) return goes(chunk, at);
    if ((chunk.ids[at] as number) > lastId) return isMeant(chunk, at);
    return (chunk.starts[at] as number) >= until && goes(chunk, at);
  };
}

function accruesAt({ extras, ids, accruedBy }: Chunk, at: number, now: number): boolean {
  if (accruedBy <= now) return false;
  const extra = extras.get(ids[at] as number);
  return extra?.accrual !== undefined && (extra.end as number) > now;
}
