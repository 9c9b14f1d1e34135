import { checkHistory, type Verdict } from "./checker.ts";
import { type Input, keysModel, type Output } from "./keys-model.ts";
import type { Operation } from "./operation.ts";
import { partition } from "./partition.ts";

export type KeysHistory = readonly Operation<Input, Output>[];

/** The first verdict that is not ok, of keys apart where no operation joins them. */
export function checkKeys(history: KeysHistory): Verdict {
  for (const part of partition(history)) {
    const verdict = checkHistory(keysModel, part);
    if (verdict.is !== "ok") return verdict;
  }
  return { is: "ok" };
}
