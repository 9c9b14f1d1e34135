import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type {
  GetResponse,
  Operation,
  OperationResult,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { invalidField } from "../errors.ts";
import type { AnswerBudget } from "./answer-budget.ts";
import { checkKey } from "./checked-key.ts";
import { type StoredEntry, toEntry } from "./entry.ts";
import type { KvLimits } from "./kv-limits.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import { type Put, putReading, stampSet, toPut, withoutPrevious } from "./put.ts";

/** One step of a transaction, checked. */
export type Step =
  | { readonly do: "get" | "delete"; readonly key: string; readonly field: string }
  | { readonly do: "set"; readonly key: string; readonly field: string; readonly put: Put };

export function toStep({ operation }: Operation, path: string, limits: KvLimits): Step {
  switch (operation.case) {
    case "get":
    case "delete": {
      const field = `${path}.${operation.case}`;
      checkKey(operation.value, field, limits.keyBytesMax);
      return { do: operation.case, key: operation.value, field };
    }
    case "set": {
      const put = toPut(operation.value, `${path}.set.`, limits);
      return { do: "set", key: put.key, field: `${path}.set.key`, put };
    }
    case undefined:
      throw invalidField(path, "one of get, set, delete is required");
  }
}

/** Does the step; its revisions that are this commit's are 0. */
export async function runStep(
  space: NamespaceTx,
  step: Step,
  budget: AnswerBudget,
): Promise<OperationResult> {
  if (step.do === "set") return toResult("set", await putReading(space, step.put, budget));
  const entry = await space.get(step.key);
  if (step.do === "get") {
    budget.spend(step.key, entry, EntryView.FULL);
    return toResult("get", toGetResponse(step.key, entry, 0n));
  }
  if (entry !== undefined) space.tx.delete(entry.key);
  return toResult("deleted", entry !== undefined);
}

export function toGetResponse(
  key: string,
  entry: StoredEntry | undefined,
  revision: bigint,
): GetResponse {
  const response: GetResponse = { $typeName: "tiffin.kv.v1.GetResponse", revision };
  if (entry !== undefined) response.entry = toEntry(key, entry);
  return response;
}

/** Fills in the revision of the commit, also for a get that saw what the same transaction set. */
export function stampResult({ result }: OperationResult, revision: bigint): void {
  if (result.case === "set") stampSet(result.value, revision);
  if (result.case !== "get") return;
  result.value.revision = revision;
  const { entry } = result.value;
  if (entry?.version === 0n) entry.version = revision;
  if (entry?.createVersion === 0n) entry.createVersion = revision;
}

export const resultWithoutPrevious = (whole: OperationResult): OperationResult =>
  whole.result.case === "set" ? toResult("set", withoutPrevious(whole.result.value)) : whole;

type Results = Exclude<OperationResult["result"], { case: undefined }>;

function toResult<Case extends Results["case"]>(
  name: Case,
  value: Extract<Results, { case: Case }>["value"],
): OperationResult {
  const result = { case: name, value } as Results;
  return { $typeName: "tiffin.kv.v1.OperationResult", result };
}
