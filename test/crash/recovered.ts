import type { Engine } from "../../src/store/engine.ts";
import { type Key, type Range, stringAfter } from "../../src/store/key.ts";
import type { CommitEvents, Entry, Revision } from "../../src/store/store.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { everything } from "./crash-spaces.ts";
import type { Ledger } from "./ledger.ts";

/** All that can be read of a store, as the process after a crash finds it. */
export interface Recovered {
  readonly head: Revision;
  readonly floor: Revision;
  /** What is visible now, and at later instants that nothing is written until. */
  readonly views: readonly View[];
  /** From the floor to the head. */
  readonly history: readonly CommitEvents[];
  /** What the history answers when it is resumed from there. */
  readonly resumed: ReadonlyMap<Revision, readonly CommitEvents[] | "history_gone">;
  /** By the commit's id: its revision, or undefined when it is not known. */
  readonly outcomes: ReadonlyMap<string, Revision | undefined>;
  readonly damage: readonly string[];
}

export interface View {
  readonly now: number;
  readonly entries: readonly Entry[];
}

/** Reads everything, writes nothing. The clock is turned forward, so that what expires later is seen to. */
export async function gather(
  engine: Engine,
  clock: ManualClock,
  ledger: Ledger,
): Promise<Recovered> {
  const { head, floor } = await engine.historySpan();
  const damage = await engine.check();
  const views = [await look(engine)];
  const outcomes = new Map<string, Revision | undefined>();
  for (const { ids } of ledger.attempted.values()) {
    for (const id of ids) outcomes.set(id, await outcomeOf(engine, id));
  }
  const history = await historyAfter(engine, floor);
  const resumed = new Map<Revision, CommitEvents[] | "history_gone">();
  for (const revision of resumePoints(ledger, head))
    resumed.set(revision, await resume(engine, revision));
  for (const instant of instantsOf(views[0]?.entries ?? [])) {
    if (instant <= engine.now()) continue;
    clock.advance(instant - clock.now());
    views.push(await look(engine));
  }
  return { head, floor, views, history, resumed, outcomes, damage };
}

async function look(engine: Engine): Promise<View> {
  return { now: engine.now(), entries: await pagesOf(engine, everything) };
}

/** Every entry in the range. */
export async function pagesOf(engine: Pick<Engine, "page">, range: Range): Promise<Entry[]> {
  const entries: Entry[] = [];
  let after: Key | undefined;
  do {
    const page = await engine.page(range, { limit: 1000, ...(after && { after }) });
    entries.push(...page.entries);
    after = page.next;
  } while (after !== undefined);
  return entries;
}

async function outcomeOf(engine: Engine, id: string): Promise<Revision | undefined> {
  const outcome = await engine.outcome(id);
  return outcome !== "unknown" && "revision" in outcome ? outcome.revision : undefined;
}

async function historyAfter(engine: Engine, after: Revision): Promise<CommitEvents[]> {
  const history: CommitEvents[] = [];
  for (let from = after; ; ) {
    const more = await engine.history(from, bytesPerRead);
    history.push(...more);
    const last = more.at(-1);
    if (last === undefined) return history;
    from = last.revision;
  }
}

async function resume(engine: Engine, after: Revision): Promise<CommitEvents[] | "history_gone"> {
  try {
    return await historyAfter(engine, after);
  } catch (error) {
    if ((error as { kind?: string }).kind === "history_gone") return "history_gone";
    throw error;
  }
}

/** A few acknowledged revisions, the first and the last among them; and one that was never given. */
function resumePoints({ acknowledged }: Ledger, head: Revision): Set<Revision> {
  const revisions = [...acknowledged.values()].sort((a, b) => a - b);
  const every = Math.max(1, Math.floor(revisions.length / resumesMax));
  const some = revisions.filter((_, index) => index % every === 0);
  return new Set([...some, ...revisions.slice(-1), head + 1]);
}

/** One millisecond before some of the instants at which something expires, and at them. */
function instantsOf(entries: readonly Entry[]): number[] {
  const all = [...new Set(entries.flatMap(({ expireAt }) => expireAt ?? []))].sort((a, b) => a - b);
  const every = Math.max(1, Math.floor(all.length / instantsMax));
  const some = all.filter((_, index) => index % every === 0).concat(all.slice(-1));
  return some.flatMap((instant) => [instant - 1, instant]);
}

/** The name or id that a record's key ends with. */
export const lastPart = (root: Key, { key }: Entry): string => stringAfter(root, key);

const bytesPerRead = 64 * 1024;
const resumesMax = 2;
const instantsMax = 3;
