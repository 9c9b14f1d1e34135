import { limitExceeded, type TiffinError } from "../../errors.ts";
import { contains, type Key, type Range } from "../key.ts";
import type { Space } from "../space.ts";
import type { Commit, Limits, Mutation } from "../store.ts";
import { type Ceiling, storeFull } from "./ceiling.ts";
import { costOfRecord } from "./costs.ts";
import type { EvictionPool } from "./eviction-pool.ts";
import type { Records } from "./records.ts";
import type { EvictableRecord, StoredRecord } from "./stored-record.ts";

/** A mutation, and what it will act on. */
export interface Step {
  readonly mutation: Mutation;
  /** What is stored under the key; it may have expired. */
  readonly record?: StoredRecord | undefined;
  /** Of a put: where it goes, and what key and value take. */
  readonly space?: Space<unknown>;
  readonly bytes?: number;
  /** Of a range deletion: all that is stored there, and how much of it is live. */
  readonly doomed?: readonly StoredRecord[];
  readonly liveDoomed?: number;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Taken out of the pool already; to be removed before the steps. */
  readonly victims: readonly EvictableRecord[];
}

export interface Planning {
  readonly records: Records;
  readonly pool: EvictionPool | undefined;
  readonly ceiling: Ceiling;
  readonly limits: Limits;
}

/** Looks up all that a commit needs and finds it room, or says why it cannot be had. Changes nothing. */
export function planCommit(commit: Commit, planning: Planning, now: number): Plan | TiffinError {
  const { records, ceiling, limits } = planning;
  const steps: Step[] = [];
  let growth = 0;
  let added = 0;
  for (const mutation of commit.mutations) {
    const step = stepOf(mutation, planning, now);
    if (step === undefined) {
      return limitExceeded("rangeRecords", limits.rangeRecords, limits.rangeRecords + 1);
    }
    steps.push(step);
    growth += growthOf(step);
    added += addedBy(step);
  }
  // What does not grow the store always fits, even when a deletion has gone into the reserve before.
  if (growth <= 0 && added <= 0) return { steps, victims: [] };
  const deletes = steps.some(isDeletion);
  const missing = ceiling.missing(records.cost + growth, records.size + added, deletes);
  if (missing === 0) return { steps, victims: [] };
  const victims = takeVictims(commit, planning, { growth, added });
  return victims === undefined ? storeFull(ceiling.bytesMax) : { steps, victims };
}

/** Undefined when a range holds too much. */
function stepOf(mutation: Mutation, { records, limits }: Planning, now: number): Step | undefined {
  if (mutation.op === "deleteRange") {
    return rangeStep(mutation, { records, now, max: limits.rangeRecords });
  }
  const record = records.find(mutation.key);
  if (mutation.op !== "put") return { mutation, record };
  const space = record?.root.space ?? records.spaceOf(mutation.key);
  const bytes = mutation.key.length + space.codec.size(mutation.value);
  return { mutation, record, space, bytes };
}

function rangeStep(
  mutation: Mutation & { readonly range: Range },
  { records, now, max }: { records: Records; now: number; max: number },
): Step | undefined {
  const doomed: StoredRecord[] = [];
  let liveDoomed = 0;
  records.visit(mutation.range, (_, record) => {
    if (records.isLive(record, now)) liveDoomed++;
    doomed.push(record);
    return liveDoomed <= max;
  });
  return liveDoomed > max ? undefined : { mutation, doomed, liveDoomed };
}

const isDeletion = ({ mutation, record, doomed = [] }: Step): boolean =>
  (mutation.op === "delete" && record !== undefined) || doomed.length > 0;

function growthOf({ mutation, record, bytes = 0, doomed = [] }: Step): number {
  const before = record === undefined ? 0 : costOfRecord(record.bytes);
  switch (mutation.op) {
    case "put":
      return costOfRecord(bytes) - before;
    case "setExpiry":
      return 0;
    case "delete":
      return -before;
    case "deleteRange":
      return -doomed.reduce((sum, each) => sum + costOfRecord(each.bytes), 0);
  }
}

function addedBy({ mutation, record, doomed = [] }: Step): number {
  if (mutation.op === "put") return record === undefined ? 1 : 0;
  if (mutation.op === "delete") return record === undefined ? 0 : -1;
  return -doomed.length;
}

/** Takes records out of the pool until the commit fits; none when all of them are not enough. */
function takeVictims(
  commit: Commit,
  { records, pool, ceiling }: Planning,
  { growth, added }: { growth: number; added: number },
): EvictableRecord[] | undefined {
  if (pool === undefined) return undefined;
  const spared: EvictableRecord[] = [];
  const victims: EvictableRecord[] = [];
  const isNamed = namedBy(commit);
  let cost = records.cost + growth;
  while (ceiling.missing(cost, records.size + added - victims.length) > 0) {
    const candidate = pool.take();
    if (candidate === undefined) break;
    if (isNamed(candidate.key)) {
      spared.push(candidate);
      continue;
    }
    victims.push(candidate);
    cost -= costOfRecord(candidate.bytes);
  }
  const fits = ceiling.missing(cost, records.size + added - victims.length) === 0;
  for (const record of fits ? spared : [...spared, ...victims]) pool.putBack(record);
  return fits ? victims : undefined;
}

/** Whether the commit reads or writes the key: it is then not to vanish under it. */
function namedBy({ expect, mutations }: Commit): (key: Key) => boolean {
  const keys = new Set<Key>();
  const ranges: Range[] = [];
  for (const item of [...expect, ...mutations]) {
    if ("range" in item) ranges.push(item.range);
    else keys.add(item.key);
  }
  return (key) => keys.has(key) || ranges.some((range) => contains(range, key));
}
