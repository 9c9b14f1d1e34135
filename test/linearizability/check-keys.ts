import { checkHistory, type Verdict } from "./checker.ts";
import { type Input, keysModel, type Output } from "./keys-model.ts";
import type { Operation } from "./operation.ts";
import { partition } from "./partition.ts";
import { type Commit, resolveUnknown } from "./resolve-unknown.ts";

export type KeysHistory = readonly Operation<Input, Output>[];

/** The first verdict that is not ok, of keys apart where no operation joins them. */
export function checkKeys(history: KeysHistory): Verdict {
  for (const part of partition(history)) {
    const verdict = checkHistory(keysModel, part);
    if (verdict.is !== "ok") return verdict;
  }
  return { is: "ok" };
}

/** The same, of a history whose unknown outcomes the store's own history tells; and whether the two tell one story. */
export function checkResolved(history: KeysHistory, commits: readonly Commit[]): Verdict {
  const { history: resolved, problems } = resolveUnknown(history, commits);
  if (problems.length > 0) return { is: "illegal", explanation: problems.join("\n") };
  return checkKeys(resolved);
}
