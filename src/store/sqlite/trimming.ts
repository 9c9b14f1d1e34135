import type { Done, TrimStep } from "./wire.ts";
import type { OpenTransaction } from "./writer-transaction.ts";

interface OldCommit {
  readonly revision: number;
  readonly bytes: number;
  readonly nextChange: number;
}

/** Forgets the oldest commits, as many as a step may, so that no step holds up the writes for long. */
export function trimSome({ statements, position }: OpenTransaction, step: TrimStep): Done {
  const oldest = statements.oldestCommits.all(position.floor, commitsPerStep);
  let forgotten: OldCommit | undefined;
  let bytes = 0;
  let done = oldest.length < commitsPerStep;
  for (const row of oldest) {
    const commit = row as unknown as OldCommit;
    if (commit.revision >= step.oldest && position.historyBytes <= step.bytes) {
      done = true;
      break;
    }
    if (bytes >= bytesPerStep) {
      done = false;
      break;
    }
    bytes += commit.bytes;
    position.historyBytes -= commit.bytes;
    forgotten = commit;
  }
  if (forgotten === undefined) return { done: true };
  position.floor = forgotten.revision;
  statements.forgetChanges.run(forgotten.nextChange);
  const kept = statements.nthLatestCommit.get(outcomesKept - 1) as { revision: number } | undefined;
  if (kept !== undefined) statements.forgetCommits.run(kept.revision, position.floor);
  return { done };
}

const commitsPerStep = 1000;
const bytesPerStep = 1024 * 1024;

/** More than can be in flight: a lane's queue, whose limit is as much by default, and the batch before it. */
export const outcomesKept = 10_000;
