import type { Table } from "../report/table.ts";
import type { ContenderProcess } from "./contender-process.ts";
import { type Entrant, inMemory, onPglite } from "./contenders.ts";
import { type Question, questions } from "./questions.ts";
import { checkSame } from "./race-entrants.ts";

/**
 * Beside the engine that analytics takes after. It takes seconds to minutes for what takes us milliseconds, so each is asked once; as shipped, without ANALYZE,
 * of many values only the first question.
 */
export async function besidePowerhouse(entrant: Entrant, values: number): Promise<Table> {
  await using stack = new AsyncDisposableStack();
  const ours = [stack.use(await inMemory.start()), stack.use(await onPglite.start())] as const;
  for (const contender of ours) {
    await contender.fill(values);
    for (const question of questions) await contender.ask(question, warmUpMs);
  }
  const theirs = stack.use(await entrant.start());
  const { seconds } = await theirs.fill(values);
  const rows: Table["rows"][number][] = [];
  const shipped = values > shippedMax ? questions.slice(0, 1) : questions;
  for (const question of shipped) {
    rows.push(await ask(question, { ours, theirs, statistics: "none, as shipped" }));
  }
  await theirs.settle();
  for (const question of questions) {
    rows.push(await ask(question, { ours, theirs, statistics: "after ANALYZE" }));
  }
  const count = values.toLocaleString("en");
  return {
    title: `Beside ${theirs.name}, ${count} values`,
    note: `It took ${seconds.toFixed(1)} s to add them, ${Math.round(values / seconds)} a second. ms by the clock, one run. Ratio: to Tiffin in memory, and on PGlite.`,
    rows,
  };
}

interface Asking {
  readonly ours: readonly [ContenderProcess, ContenderProcess];
  readonly theirs: ContenderProcess;
  /** What their database knows of its tables. */
  readonly statistics: string;
}

async function ask(
  question: Question,
  { ours, theirs, statistics }: Asking,
): Promise<Table["rows"][number]> {
  const memory = await ours[0].ask(question, forMs);
  const pglite = await ours[1].ask(question, forMs);
  const { ms, digest } = await theirs.ask(question, 0);
  checkSame(theirs.name, { question, digest, expected: memory.digest });
  return {
    question: question.name,
    "its statistics": statistics,
    [theirs.name]: ms,
    "Tiffin, in memory": memory.ms,
    "Tiffin, PGlite": pglite.ms,
    "times memory": ms / memory.ms,
    "times PGlite": ms / pglite.ms,
  };
}

const shippedMax = 10_000;
const warmUpMs = 50;
const forMs = 200;
