import { checkHistory } from "./check-history.ts";
import { checkViews } from "./check-views.ts";
import type { Ledger } from "./ledger.ts";
import type { Recovered } from "./recovered.ts";
import { type Landed, landedIn, replay } from "./replay.ts";

/**
 * Holds what was recovered against what the writers said: acknowledged is in recovered is in attempted, whole
 * commits in one order, indices in agreement. Answers what is wrong, one sentence each.
 */
export async function checkRecovered(ledger: Ledger, recovered: Recovered): Promise<string[]> {
  const landed = landedIn(recovered);
  const wrong = [
    ...recovered.damage.map((sentence) => `check: ${sentence}`),
    ...checkPlans(ledger, landed),
    ...checkRevisions(ledger, recovered, landed),
    ...checkOutcomes(ledger, recovered, landed),
    ...checkNumbers(landed),
  ];
  // What is played again must be in one order, and each a plan there was.
  if (wrong.length > 0) return wrong;
  const replayed = await replay(ledger, landed);
  return [...checkViews(recovered, replayed), ...checkHistory(recovered, replayed)];
}

function checkPlans(ledger: Ledger, landed: readonly Landed[]): string[] {
  const there = new Map(landed.map(({ number, revision }) => [number, revision]));
  const wrong = landed.flatMap(({ number }) => uninvited(ledger, number));
  for (const [number, revision] of ledger.acknowledged) {
    const found = there.get(number);
    if (found === undefined)
      wrong.push(`plan ${number} was acknowledged as ${revision} and is lost`);
    else if (found !== revision)
      wrong.push(`plan ${number} was acknowledged as ${revision} and is there as ${found}`);
  }
  for (const [number, kind] of ledger.refused) {
    if (!refusals.has(kind)) wrong.push(`plan ${number} was refused as ${kind}`);
  }
  for (const number of ledger.recovered.plans) {
    if (!there.has(number)) wrong.push(`plan ${number} was recovered once and is lost since`);
  }
  return wrong;
}

/** Why a plan should not be there. */
function uninvited({ attempted, refused }: Ledger, number: number): string[] {
  if (!attempted.has(number)) return [`plan ${number} is there and nobody attempted it`];
  const refusal = refused.get(number) ?? "outcome_unknown";
  return refusal === "outcome_unknown"
    ? []
    : [`plan ${number} was refused as ${refusal} and is there`];
}

function checkRevisions(ledger: Ledger, recovered: Recovered, landed: readonly Landed[]): string[] {
  const wrong: string[] = [];
  const before = ledger.recovered;
  let last: Landed | undefined;
  for (const each of landed) {
    const { number, revision } = each;
    if (last?.revision === revision)
      wrong.push(`plans ${last.number} and ${number} share the revision ${revision}`);
    if (revision > recovered.head)
      wrong.push(`plan ${number} is at ${revision}, after the head ${recovered.head}`);
    if (!before.plans.has(number) && revision <= before.head)
      wrong.push(`plan ${number} took ${revision}, not after ${before.head} before the restart`);
    const { after = 0 } = ledger.attempted.get(number) ?? {};
    if (revision <= after)
      wrong.push(`plan ${number} took ${revision} and began after ${after} was acknowledged`);
    last = each;
  }
  if (recovered.head < Math.max(before.head, ledger.highestAcknowledged))
    wrong.push(`the head went back to ${recovered.head}`);
  return wrong;
}

/** Of each plan one commit at most is known, and it is the one that is there. */
function checkOutcomes(
  ledger: Ledger,
  { outcomes }: Recovered,
  landed: readonly Landed[],
): string[] {
  const wrong: string[] = [];
  const revisions = new Map(landed.map(({ number, revision }) => [number, revision]));
  for (const [number, { ids }] of ledger.attempted) {
    const known = [...ids].map((id) => outcomes.get(id)).filter((found) => found !== undefined);
    const expected = revisions.get(number);
    if (known.length > 1) wrong.push(`plan ${number} was committed ${known.length} times`);
    else if (known[0] !== expected)
      wrong.push(`the outcome of plan ${number} is ${known[0]}, and its ticket is of ${expected}`);
  }
  return wrong;
}

function checkNumbers(landed: readonly Landed[]): string[] {
  const given = new Map<number, number>();
  const wrong: string[] = [];
  for (const { number, ticket } of landed) {
    if (ticket.number === undefined) continue;
    const first = given.get(ticket.number);
    if (first !== undefined)
      wrong.push(`plans ${first} and ${number} were both given the number ${ticket.number}`);
    given.set(ticket.number, number);
  }
  return wrong;
}

/** What may keep a writer that is not killed from writing: others were faster, a full disk, or nobody knows. */
const refusals = new Set(["contention", "store_full", "outcome_unknown"]);
