import type { HandlerContext } from "@connectrpc/connect";
import {
  type OperationResult,
  type TransactRequest,
  TransactRequestSchema,
  type TransactResponse,
  TransactResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import type { WriteMethod } from "../identified-write.ts";
import { AnswerBudget } from "./answer-budget.ts";
import { checkNamespace } from "./checked-key.ts";
import { isSo, type Question, toQuestion } from "./comparison.ts";
import { checkDistinct } from "./distinct-keys.ts";
import { checkBatch, type KvLimits } from "./kv-limits.ts";
import type { KeyLocks, NamespaceTx } from "./namespace-tx.ts";
import { resultWithoutPrevious, runStep, type Step, stampResult, toStep } from "./operation.ts";
import type { Room } from "./room.ts";
import { answerWrite } from "./write.ts";

interface Transaction {
  readonly questions: readonly Question[];
  readonly whenTrue: readonly Step[];
  readonly whenFalse: readonly Step[];
}

export async function transact(
  room: Room,
  request: TransactRequest,
  context: HandlerContext,
): Promise<TransactResponse> {
  const { namespace } = request;
  checkNamespace(namespace);
  const transaction = toTransaction(request, room.limits);
  const attempt = (space: NamespaceTx): Promise<TransactResponse> => run(room, space, transaction);
  const write = { namespace, locks: locksOf(transaction), attempt };
  return answerWrite(room, context, { method, request, write });
}

function toTransaction(request: TransactRequest, limits: KvLimits): Transaction {
  const { comparisons } = request;
  checkBatch(limits, "comparisons", comparisons.length);
  const toSteps = (list: "then" | "otherwise"): Step[] => {
    const operations = request[list];
    checkBatch(limits, list, operations.length);
    const steps = operations.map((operation, at) => toStep(operation, `${list}[${at}]`, limits));
    checkDistinct(steps.filter((step) => step.do !== "get"));
    return steps;
  };
  return {
    questions: comparisons.map((comparison, at) =>
      toQuestion(comparison, `comparisons[${at}]`, limits),
    ),
    whenTrue: toSteps("then"),
    whenFalse: toSteps("otherwise"),
  };
}

/** Which list will run is not known before: the keys of both are locked. */
function locksOf({ questions, whenTrue, whenFalse }: Transaction): KeyLocks {
  const exclusive: string[] = [];
  const shared = questions.map(({ key }) => key);
  for (const step of [...whenTrue, ...whenFalse]) {
    (step.do === "get" ? shared : exclusive).push(step.key);
  }
  return { exclusive, shared };
}

async function run(
  room: Room,
  space: NamespaceTx,
  { questions, whenTrue, whenFalse }: Transaction,
): Promise<TransactResponse> {
  let succeeded = true;
  for (const question of questions) {
    succeeded &&= isSo(question, await space.get(question.key));
  }
  const steps = succeeded ? whenTrue : whenFalse;
  if (steps.some((step) => step.do === "set")) await space.create(room);
  const budget = new AnswerBudget(room.limits);
  const results: OperationResult[] = [];
  for (const step of steps) results.push(await runStep(space, step, budget));
  return { $typeName: "tiffin.kv.v1.TransactResponse", succeeded, results, revision: 0n };
}

const method: WriteMethod<typeof TransactRequestSchema, typeof TransactResponseSchema> = {
  name: "Transact",
  request: TransactRequestSchema,
  response: TransactResponseSchema,
  withoutPrevious: (response) => ({
    ...response,
    results: response.results.map(resultWithoutPrevious),
  }),
  stamp(response, revision) {
    for (const result of response.results) stampResult(result, revision);
    response.revision = revision;
    return response;
  },
};
