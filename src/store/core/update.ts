import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import { throwIfOver, whenOver } from "../call-end.ts";
import type { Key } from "../key.ts";
import {
  type Call,
  type Commit,
  type Committed,
  type Conflict,
  isConflict,
  type Outcome,
  type Tx,
  type Updated,
} from "../store.ts";
import { type Readable, Transaction } from "./transaction.ts";

export interface UpdateSupport extends Readable {
  commit(commit: Omit<Commit, "id">, call?: Call): Promise<Outcome>;
}

export interface Retrying {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Read-modify-write: attempt, commit expecting all that was read, and again when another was faster. */
export async function update<T>(
  store: UpdateSupport,
  attempt: (tx: Tx) => T | Promise<T>,
  { retrying, call }: { retrying: Retrying; call: Call | undefined },
): Promise<Updated<T>> {
  for (let attempts = 1; ; attempts++) {
    const tx = new Transaction(store);
    const running = runAttempt(attempt, tx);
    const tried = running instanceof Promise ? await running : running;
    const outcome = await settle(store, tx, { failed: "error" in tried, call });
    if (!isConflict(outcome)) {
      if ("error" in tried) throw tried.error;
      return updated(tried.result, tx, outcome);
    }
    const broken = tx.demandBroken(outcome.conflict);
    if (broken !== undefined) throw broken;
    if (attempts === attemptsMax) throw contention(outcome.conflict);
    await pause(attempts, retrying, call);
  }
}

type Tried<T> = { readonly result: T } | { readonly error: unknown };

/** Answers at once when the attempt does: most that write unread have nothing to wait for. */
function runAttempt<T>(
  attempt: (tx: Tx) => T | Promise<T>,
  tx: Transaction,
): Tried<T> | Promise<Tried<T>> {
  try {
    const result = attempt(tx);
    if (!(result instanceof Promise)) return { result };
    return result.then(
      (value) => ({ result: value }),
      (error: unknown) => ({ error }),
    );
  } catch (error) {
    return { error };
  }
}

/** Commits; or, when there is nothing to write, only makes sure that what was read was there at one moment. */
function settle(
  store: UpdateSupport,
  tx: Transaction,
  { failed, call }: { failed: boolean; call: Call | undefined },
): Promise<Outcome> | Outcome {
  if (tx.isSingleRead && tx.head !== undefined) return { revision: tx.head, rangeDeleted: 0 };
  const commit = failed ? tx.toValidation() : tx.toCommit();
  // An attempt that failed before it read anything failed over its own arguments.
  if (failed && commit.expect.length === 0) return { revision: 0, rangeDeleted: 0 };
  return store.commit(commit, call);
}

function updated<T>(result: T, tx: Transaction, committed: Committed): Updated<T> {
  return {
    result,
    revision: committed.revision,
    rangeDeleted: committed.rangeDeleted,
    previous: (target: Key) => committed.previous?.[tx.positionOf(target)],
  };
}

/** Waits a random part of a growing while, so that those who collided do not collide again. */
async function pause(
  attempts: number,
  { clock, random }: Retrying,
  call: Call | undefined,
): Promise<void> {
  if (call !== undefined) throwIfOver(call, clock.now());
  const ms = random() * Math.min(pauseMsMax, 2 ** attempts);
  return new Promise((resolve, reject) => {
    const stopWatching = whenOver(call, clock, (error) => {
      cancel();
      reject(error);
    });
    const cancel = clock.after(ms, () => {
      stopWatching();
      resolve();
    });
  });
}

function contention({ expected }: Conflict): TiffinError {
  return new TiffinError("contention", `other writers were faster ${attemptsMax} times`, {
    metadata: { attempts: String(attemptsMax) },
    retryAfterMs: pauseMsMax,
    cause: expected,
  });
}

const attemptsMax = 16;
const pauseMsMax = 100;
