import { limitExceeded } from "../../errors.ts";
import type { Range } from "../key.ts";
import type { Expectation, KeyExpectation } from "../store.ts";
import { RootChanges } from "./root-changes.ts";
import { encodeError } from "./sqlite-errors.ts";
import {
  type EncodedMutation,
  type EncodedOutcome,
  fromBlob,
  type StoredRow,
  toBlob,
} from "./wire.ts";
import type { OpenTransaction } from "./writer-transaction.ts";

/** A mutation, and what it will act on. */
export interface PlannedStep {
  readonly mutation: EncodedMutation;
  /** What is stored under the key; it may have expired. */
  readonly row?: StoredRow | undefined;
  readonly doomed?: Doomed;
}

/** What a range deletion removes. */
interface Doomed {
  readonly records: number;
  readonly live: number;
  /** Whether any of it is in a space with a history. */
  readonly remembered: boolean;
  readonly roots: RootChanges;
}

/** Looks up what one commit needs. Changes nothing. */
export class CommitPlan {
  readonly #transaction: OpenTransaction;

  constructor(transaction: OpenTransaction) {
    this.#transaction = transaction;
  }

  /** The first expectation that does not hold, with the live record that is there instead. */
  firstConflict(expect: readonly Expectation[]): EncodedOutcome | undefined {
    for (const [conflict, expected] of expect.entries()) {
      if ("range" in expected) {
        if (!this.#unchanged(expected.range, expected.unchangedSince)) return { conflict };
        continue;
      }
      const row = this.#transaction.rows.find(expected.key);
      if (this.#holds(expected.is, row)) continue;
      return row !== undefined && this.#isLive(row) ? { conflict, actual: row } : { conflict };
    }
    return undefined;
  }

  /** What each mutation will act on, or why the commit cannot be had. */
  stepsOf(mutations: readonly EncodedMutation[]): PlannedStep[] | EncodedOutcome {
    const max = this.#transaction.rangeRecords;
    const steps: PlannedStep[] = [];
    for (const mutation of mutations) {
      if (mutation.op !== "deleteRange") {
        steps.push({ mutation, row: this.#transaction.rows.find(mutation.key) });
        continue;
      }
      const doomed = this.#doomedIn(mutation.range, max);
      if (doomed.live > max) {
        return { refused: encodeError(limitExceeded("rangeRecords", max, max + 1)) };
      }
      steps.push({ mutation, doomed });
    }
    return steps;
  }

  #doomedIn({ start, end }: Range, max: number): Doomed {
    const { statements, rules } = this.#transaction;
    const roots = new RootChanges(rules);
    let records = 0;
    let live = 0;
    let remembered = false;
    for (const found of statements.sizes.iterate(toBlob(start), toBlob(end))) {
      const { key: blob, bytes, expireAt } = found as unknown as SizedRow;
      const key = fromBlob(blob);
      records++;
      if (isLiveAt(expireAt, this.#transaction.now)) live++;
      remembered ||= rules.of(key).history;
      roots.add(key, -1, -bytes);
      if (live > max) break;
    }
    return { records, live, remembered, roots };
  }

  #holds(is: KeyExpectation["is"], row: StoredRow | undefined): boolean {
    const live = row !== undefined && this.#isLive(row);
    if (is === "present") return live;
    if (is === "absent") return !live;
    if (is === "expired") return row !== undefined && !live;
    if (!live) return false;
    if ("created" in is) return row.created === is.created;
    if (row.version !== is.version) return false;
    return is.expireAt === undefined || is.expireAt === (row.expireAt ?? "none");
  }

  #unchanged({ start, end }: Range, since: number): boolean {
    const { statements, position } = this.#transaction;
    if (since < position.floor || since > position.head) return false;
    const first = statements.firstChangeAfter.get(since) as { number: number } | undefined;
    if (first === undefined || start >= end) return true;
    return statements.changeIn.get(first.number, toBlob(start), toBlob(end)) === undefined;
  }

  #isLive({ expireAt }: StoredRow): boolean {
    return isLiveAt(expireAt, this.#transaction.now);
  }
}

export interface SizedRow {
  readonly key: Uint8Array;
  readonly bytes: number;
  readonly expireAt: number | null;
}

export const isLiveAt = (expireAt: number | null, now: number): boolean =>
  expireAt === null || expireAt > now;
