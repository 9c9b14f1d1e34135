import { AnsweredRevisions } from "./answered-revisions.ts";
import { type AnsweredQuery, type BegunQuery, beginQuery, columnsOf } from "./begun-query.ts";
import type { GroupBatch } from "./group-batches.ts";
import type { Asking } from "./group-reader.ts";
import type { Share } from "./held-together.ts";

/** Works groups out when they are sent: nothing but a slice of them is held at a time, which counts among what all answers may hold. */
export async function slicedQuery(asking: Asking): Promise<AnsweredQuery> {
  const begun = await beginQuery(asking, new AnsweredRevisions());
  const share = asking.room.bounds.slices.share();
  share.hold(numbersOf(asking, begun, begun.first));
  return { ...begun, batches: heldBatches(asking, begun, share), close: () => share.close() };
}

async function* heldBatches(
  asking: Asking,
  begun: BegunQuery,
  share: Share,
): AsyncGenerator<GroupBatch> {
  yield begun.first;
  for await (const batch of begun.rest) {
    share.hold(numbersOf(asking, begun, batch));
    yield batch;
  }
  share.close();
}

const numbersOf = (
  { question }: Asking,
  { main, compared }: BegunQuery,
  { groupsHeld }: GroupBatch,
): number =>
  groupsHeld * (numbersOfGroup + main.labels.length * columnsOf(question, compared !== undefined));

/** What a group takes apart from its numbers, as so many numbers. */
const numbersOfGroup = 100;
