import type { Key } from "../key.ts";
import type { Revision } from "../store.ts";
import { CommitPlan, isLiveAt, type PlannedStep } from "./commit-plan.ts";
import { bytesOfChange, type Change, insertChange } from "./history-rows.ts";
import { revisionAt } from "./store-position.ts";
import {
  checksumOf,
  type EncodedCommit,
  type EncodedMutation,
  type EncodedOutcome,
  type EncodedPut,
  type StoredRow,
  toBlob,
} from "./wire.ts";
import type { OpenTransaction } from "./writer-transaction.ts";

/** Checks, plans and writes one commit within the transaction; a conflict or refusal has written nothing. */
export function writeCommit(transaction: OpenTransaction, commit: EncodedCommit): EncodedOutcome {
  transaction.rows.keepSmall();
  const plan = new CommitPlan(transaction);
  const conflict = plan.firstConflict(commit.expect);
  if (conflict !== undefined) return conflict;
  const { position, failpoints } = transaction;
  if (commit.mutations.length === 0) return { revision: position.head, rangeDeleted: 0 };
  const steps = plan.stepsOf(commit.mutations);
  if (!Array.isArray(steps)) return steps as EncodedOutcome;
  failpoints.pass("after check");
  const writing = new CommitWriting(transaction, revisionFor(transaction, commit.mutations));
  for (const step of steps) writing.write(step);
  failpoints.pass("after rows");
  const rangeDeleted = writing.finish(commit.id);
  failpoints.pass("after history");
  const { revision } = writing;
  if (!commit.wantPrevious) return { revision, rangeDeleted };
  const previous = (steps as PlannedStep[]).map(({ row }) =>
    row !== undefined && isLiveAt(row.expireAt, transaction.now) ? row : undefined,
  );
  return { revision, rangeDeleted, previous };
}

/** Above the latest, and above every version that the commit brings from elsewhere. */
function revisionFor(
  { position, now }: OpenTransaction,
  mutations: readonly EncodedMutation[],
): Revision {
  let revision = Math.max(position.head + 1, revisionAt(now));
  for (const mutation of mutations) {
    if (mutation.op !== "put" || mutation.origin === undefined) continue;
    revision = Math.max(revision, mutation.origin.version + 1);
  }
  return revision;
}

/** Writes one planned commit: the records at once, the history when they are done. */
class CommitWriting {
  readonly revision: Revision;
  readonly #transaction: OpenTransaction;
  readonly #changes: Change[] = [];
  #rangeDeleted = 0;

  constructor(transaction: OpenTransaction, revision: Revision) {
    this.#transaction = transaction;
    this.revision = revision;
  }

  write({ mutation, row, doomed }: PlannedStep): void {
    switch (mutation.op) {
      case "put":
        this.#put(mutation, row);
        return;
      case "setExpiry":
        if (this.#isLive(row)) {
          const expireAt = mutation.expireAt === "none" ? null : mutation.expireAt;
          this.#transaction.statements.setExpiry.run(expireAt, toBlob(mutation.key));
          this.#transaction.rows.forget(mutation.key);
        }
        return;
      case "delete":
        if (row !== undefined && this.#isLive(row) !== (mutation.reason === "expired")) {
          this.#transaction.statements.remove.run(toBlob(mutation.key));
          this.#transaction.rows.forget(mutation.key);
          this.#count(mutation.key, -1, -row.value.length - mutation.key.length);
          this.#noteRemoval(mutation, row);
        }
        return;
      case "deleteRange":
        if (doomed !== undefined && doomed.records > 0) this.#deleteRange(mutation, doomed);
        return;
    }
  }

  /** Gives the commit its place in the history. Answers how many live records its range deletions deleted. */
  finish(id: string): number {
    const { statements, position } = this.#transaction;
    const first = position.lastChange + 1;
    let bytes = commitOverhead;
    for (const change of this.#changes) {
      insertChange(statements, ++position.lastChange, change);
      bytes += bytesOfChange(change);
    }
    const changes = this.#changes.length;
    statements.addCommit.run(this.revision, id, this.#rangeDeleted, first, changes, bytes);
    position.head = this.revision;
    position.historyBytes += bytes;
    return this.#rangeDeleted;
  }

  #put(mutation: EncodedPut, row: StoredRow | undefined): void {
    const { key, value, origin } = mutation;
    const previous = mutation.anew !== true && this.#isLive(row) ? row : undefined;
    if (row !== undefined && previous === undefined) {
      this.#note({ type: this.#isLive(row) ? "deleted" : "expired", key, previous: row });
    }
    const { version, created } = origin ?? {
      version: this.revision,
      created: previous?.created ?? this.revision,
    };
    const expireAt = expireAtOf(mutation, previous);
    const blob = toBlob(key);
    const checksum = checksumOf(blob, { value, version, created });
    this.#transaction.rows.forget(key);
    this.#transaction.statements.put.run(blob, version, created, expireAt, checksum, value);
    if (row === undefined) this.#count(key, 1, key.length + value.length);
    else this.#count(key, 0, value.length - row.value.length);
    if (origin === undefined) {
      this.#note({ type: "put", key, entry: { value, created, expireAt }, previous });
    }
  }

  #noteRemoval(mutation: Extract<EncodedMutation, { op: "delete" }>, previous: StoredRow): void {
    const { key, reason } = mutation;
    if (reason === "deleted") this.#note({ type: reason, key, previous, why: mutation.why });
    else this.#note({ type: reason, key, previous });
  }

  #deleteRange(
    { range }: EncodedMutation & { op: "deleteRange" },
    { live, remembered, roots }: NonNullable<PlannedStep["doomed"]>,
  ): void {
    const { statements, rows, rootChanges } = this.#transaction;
    rows.forgetAll();
    statements.removeRange.run(toBlob(range.start), toBlob(range.end));
    rootChanges.addAll(roots);
    this.#rangeDeleted += live;
    if (remembered) this.#changes.push({ type: "rangeDeleted", range, records: live });
  }

  #count(key: Key, records: number, bytes: number): void {
    this.#transaction.rootChanges.add(key, records, bytes);
  }

  #note(change: Exclude<Change, { type: "rangeDeleted" }>): void {
    if (this.#transaction.rules.of(change.key).history) this.#changes.push(change);
  }

  #isLive(row: StoredRow | undefined): boolean {
    return row !== undefined && isLiveAt(row.expireAt, this.#transaction.now);
  }
}

function expireAtOf({ expireAt }: EncodedPut, previous: StoredRow | undefined): number | null {
  if (expireAt === "keep") return previous?.expireAt ?? null;
  return expireAt === "none" ? null : expireAt;
}

/** What a commit's own row takes, its id included. */
const commitOverhead = 80;
