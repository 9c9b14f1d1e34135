import type { CommitEvents, Revision } from "../../src/store/store.ts";
import { type Ticket, ticketNumber, ticketsRoot } from "./crash-spaces.ts";
import { CrashModel } from "./model.ts";
import { planOf } from "./plans.ts";
import type { Recovered } from "./recovered.ts";

/** A plan whose commit is there, as its ticket tells. */
export interface Landed {
  readonly number: number;
  readonly ticket: Ticket;
  readonly revision: Revision;
}

/** What is there, played again on a model: what the store should hold, and what its history should tell. */
export interface Replayed {
  readonly model: CrashModel;
  readonly landed: readonly Landed[];
  /** By revision. */
  readonly events: ReadonlyMap<Revision, readonly string[]>;
}

/** In the order of their revisions. */
export function landedIn({ views }: Recovered): Landed[] {
  const landed: Landed[] = [];
  for (const { key, value, version } of views[0]?.entries ?? []) {
    const number = ticketNumber(key);
    if (number !== undefined) landed.push({ number, ticket: value as Ticket, revision: version });
  }
  return landed.sort((a, b) => a.revision - b.revision);
}

/** Plays them in their order. */
export async function replay(
  { seed }: { readonly seed: number },
  landed: readonly Landed[],
): Promise<Replayed> {
  const model = new CrashModel();
  const events = new Map<Revision, readonly string[]>();
  for (const { number, ticket, revision } of landed) {
    const plan = planOf(seed, number);
    events.set(revision, await model.play({ plan, number }, { ticket, revision }));
  }
  return { model, landed, events };
}

/** Whether the commit is one of a plan: the others are the sweeper's. */
export const isPlans = ({ events }: CommitEvents): boolean =>
  events.some((event) => event.type === "put" && event.entry.key.startsWith(ticketsRoot));
