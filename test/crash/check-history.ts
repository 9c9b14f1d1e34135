import type { CommitEvents, Revision } from "../../src/store/store.ts";
import { eventText } from "./model.ts";
import type { Recovered } from "./recovered.ts";
import { isPlans, type Replayed } from "./replay.ts";

/** Holds the history against the model: every commit once, whole, in order; and resumed from any of them, the rest. */
export function checkHistory(recovered: Recovered, replayed: Replayed): string[] {
  return [
    ...checkOrder(recovered),
    ...checkCommits(recovered, replayed),
    ...[...recovered.resumed].flatMap(([after, rest]) => checkResumed(recovered, after, rest)),
  ];
}

function checkOrder({ history, floor, head }: Recovered): string[] {
  const wrong: string[] = [];
  let last: Revision = floor;
  for (const { revision } of history) {
    if (revision <= last) wrong.push(`the history has ${revision} after ${last}`);
    last = revision;
  }
  if (last !== head) wrong.push(`the history ends at ${last}, and the head is ${head}`);
  return wrong;
}

function checkCommits({ history, floor }: Recovered, { landed, events }: Replayed): string[] {
  const wrong: string[] = [];
  const told = new Map(history.filter(isPlans).map((commit) => [commit.revision, commit]));
  for (const { number, revision } of landed) {
    if (revision <= floor) continue;
    const commit = told.get(revision);
    told.delete(revision);
    if (commit === undefined) {
      wrong.push(`plan ${number} at ${revision} is not in the history`);
      continue;
    }
    const actual = lines(commit);
    const expected = [...(events.get(revision) ?? [])].sort();
    if (actual.join("\n") !== expected.join("\n"))
      wrong.push(`the history tells of plan ${number}: ${actual}; it should be: ${expected}`);
  }
  for (const revision of told.keys())
    wrong.push(`the history tells of ${revision}, which is not there`);
  return wrong;
}

/** Expired events are the sweeper's work, whoever's commit they are in; a range that held nothing live says nothing. */
const lines = ({ events }: CommitEvents): string[] =>
  events
    .filter((event) => event.type !== "expired")
    .filter((event) => event.type !== "rangeDeleted" || event.records > 0)
    .map(eventText)
    .sort();

function checkResumed(
  { history, floor, head }: Recovered,
  after: Revision,
  rest: readonly CommitEvents[] | "history_gone",
): string[] {
  const known = after === floor || history.some(({ revision }) => revision === after);
  if (!known) {
    if (rest === "history_gone") return [];
    return [`the history resumes from ${after}, which is not between ${floor} and ${head}`];
  }
  if (rest === "history_gone") return [`the history does not resume from ${after}`];
  const expected = history.filter(({ revision }) => revision > after);
  const same = JSON.stringify(rest) === JSON.stringify(expected);
  return same ? [] : [`resumed from ${after} the history is not what came after it`];
}
