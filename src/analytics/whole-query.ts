import type { GroupKey } from "../analytics-store/analytics-store.ts";
import { ofOneRevision } from "./answered-revisions.ts";
import { type AnsweredQuery, type BegunQuery, beginQuery, columnsOf } from "./begun-query.ts";
import type { GroupBatch } from "./group-batches.ts";
import type { Asking } from "./group-reader.ts";

/** Who holds a whole answer. */
export interface WholeAnswer {
  /** What groups were told of is not answered: all of them follow anew. */
  restart(): void;
  /** Told of groups as soon as they are known, before anything is made of them; throws where they are too many. */
  expect(groups: ExpectedGroups): void;
}

export interface ExpectedGroups {
  readonly keys: readonly GroupKey[];
  /** Of the dimensions, in the order of the keys' paths. */
  readonly names: readonly string[];
  /** How many each group will have. */
  readonly numbers: number;
  /** How many all groups will have, at most, these and those that follow. */
  readonly numbersAtMost: number;
}

/** Works all groups out before any of them is sent: so all can be asked for again, if something is added or deleted between two of the engine's answers. */
export async function wholeQuery(asking: Asking, whole: WholeAnswer): Promise<AnsweredQuery> {
  const { answer } = await ofOneRevision(asking, async (revisions) => {
    whole.restart();
    const begun = await beginQuery(asking, revisions);
    return { ...begun, batches: await allBatches(asking, begun, whole) };
  });
  // It holds nothing beyond its own call.
  return { ...answer, close: () => undefined };
}

async function allBatches(
  { question }: Asking,
  { first, rest, kept, compared }: BegunQuery,
  whole: WholeAnswer,
): Promise<GroupBatch[]> {
  const names = question.select.map(({ dimension }) => dimension);
  const numbers = kept.length * columnsOf(question, compared !== undefined);
  const numbersAtMost = first.groupsTotal * numbers;
  const batches: GroupBatch[] = [];
  for (let batch: GroupBatch | undefined = first; batch !== undefined; ) {
    whole.expect({ keys: batch.groups.map(({ key }) => key), names, numbers, numbersAtMost });
    batches.push(batch);
    batch = (await rest.next()).value;
  }
  return batches;
}
