import type { RetentionRule, Retired } from "../analytics-store.ts";
import { isWithin } from "../path.ts";
import { calendarPeriod } from "./calendar-period.ts";
import type { ChangeTally } from "./change-tally.ts";
import type { Chunk } from "./chunk.ts";
import { isCut, type RetentionCut, type RowTest, retentionCut } from "./retention-cut.ts";
import { type PlannedRollups, RollupPlan } from "./rollup-plan.ts";
import type { TenantRows } from "./tenant-rows.ts";

/** Up to where a rule was applied: rollups that began before and were there then are as they have to be. */
export interface Settled {
  readonly until: number;
  readonly lastId: number;
}

/** A part of what a rule comes to: all that it says of some time. */
export interface RetentionStep extends Retired {
  readonly tally: ChangeTally;
}

interface Application {
  readonly now: number;
  /** By this rule, when it was applied last. */
  readonly before: Settled | undefined;
}

/** Deletes, or rolls up, what the rule does not keep, step by step. Between two steps series may come and go. */
export function* applyRule(
  all: TenantRows,
  rule: RetentionRule,
  { now, before: earlier }: Application,
): Generator<RetentionStep, Settled> {
  const { chunks } = all.rows;
  const isMeant = testOf(all, rule);
  const isRollup: RowTest = (chunk, at) => all.isRollup(chunk, at);
  const cut = retentionCut(chunks, rule, { now, isMeant, isRollup });
  const { rollUp } = rule;
  // What comes between two steps waits for the next application: it was not in what this one planned.
  const { lastId } = all;
  // Rolled up, all of a DssVest would count at its start.
  const stays: RowTest = (chunk, at) =>
    rollUp === undefined
      ? accruesAt(chunk, at, now)
      : all.cells.fnOf(chunk.cells[at] as number) === "DssVest";
  const goes: RowTest = (chunk, at) =>
    (chunk.ids[at] as number) <= lastId &&
    isCut(cut, chunk, at) &&
    isMeant(chunk, at) &&
    !stays(chunk, at);
  if (rollUp === undefined) yield deletion(all, goes, cut);
  else {
    const before = Number.isFinite(cut.until) ? calendarPeriod(cut.until, rollUp).to : cut.until;
    const changes = changesSince(all, earlier, { isMeant, goes });
    const plan = new RollupPlan(all, rollUp);
    for (const planned of plan.read({ isMeant, goes, before, changes })) {
      if (planned.made.length > 0) yield rolledUp(all, planned, goes);
    }
  }
  // Its own rollups are among what is settled.
  return { until: cut.until, lastId: all.lastId };
}

function deletion(all: TenantRows, goes: RowTest, { until }: RetentionCut): RetentionStep {
  const tally = all.tally();
  const deleted = all.remove(goes, { mayBeIn: ({ earliest }) => earliest <= until, tally });
  return { deleted, rollups: 0, tally };
}

function rolledUp(
  all: TenantRows,
  { from, to, made }: PlannedRollups,
  goes: RowTest,
): RetentionStep {
  const tally = all.tally();
  const merged = new Set(made.flatMap(({ rollups }) => rollups));
  const isRolledUp: RowTest = (chunk, at) => {
    const start = chunk.starts[at] as number;
    if (start < from || start >= to) return false;
    return all.isRollup(chunk, at) ? merged.has(chunk.ids[at] as number) : goes(chunk, at);
  };
  const mayBeIn = ({ earliest, latest }: Chunk): boolean => earliest < to && latest >= from;
  const deleted = all.remove(isRolledUp, { mayBeIn, tally });
  for (const place of made) all.add(place.row(all.newId()), tally);
  return { deleted, rollups: made.length, tally };
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
