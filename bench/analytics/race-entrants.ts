import { ratioOf, type Sample, sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";
import type { Asked, Filled } from "./contender.ts";
import type { ContenderProcess } from "./contender-process.ts";
import type { Entrant } from "./contenders.ts";
import { type AnswerDigest, type Question, questions } from "./questions.ts";

export interface RaceOptions {
  readonly values: number;
  readonly rounds: number;
  /** The first is what the others are compared with. */
  readonly entrants: readonly Entrant[];
}

/** Fills each with so many values, and asks each in turn, round after round. */
export async function raceEntrants(options: RaceOptions): Promise<Table[]> {
  const { values } = options;
  const rounds = values > 1_000_000 ? Math.min(3, options.rounds) : options.rounds;
  await using stack = new AsyncDisposableStack();
  const runners: Runner[] = [];
  for (const entrant of options.entrants) {
    if (values > entrant.valuesMax) continue;
    const fills: Filled[] = [];
    for (let run = 1; run < fillRuns(options); run++) fills.push(await fillOnce(entrant, values));
    const contender = stack.use(await entrant.start());
    fills.push(await contender.fill(values));
    await contender.settle();
    runners.push({ entrant, contender, fills });
  }
  const rows: Table["rows"][number][] = [];
  for (const question of questions) {
    rows.push(...(await raceQuestion(question, { rounds, runners })));
  }
  const count = values.toLocaleString("en");
  return [
    fillTable(values, runners),
    {
      title: `Questions to ${count} values`,
      note: "In process, each contender in a process of its own, asked in turn; ms by the clock, from the question to all numbers of the answer. CPU: of that process, all threads; PostgreSQL's own is not in it.",
      rows,
    },
  ];
}

interface Runner {
  readonly entrant: Entrant;
  readonly contender: ContenderProcess;
  readonly fills: readonly Filled[];
}

/** Large ones vary little and take long. */
const fillRuns = ({ values, rounds }: RaceOptions): number =>
  values > 100_000 ? 1 : Math.min(3, rounds);

async function fillOnce(entrant: Entrant, values: number): Promise<Filled> {
  await using contender = await entrant.start();
  return await contender.fill(values);
}

function fillTable(values: number, runners: readonly Runner[]): Table {
  const rows = runners.map(({ contender, fills }) => ({
    into: contender.name,
    "values a second": sample(fills.map(({ seconds }) => values / seconds)),
    "CPU us a value": sample(fills.map(({ cpuSeconds }) => (cpuSeconds * 1e6) / values)),
    "bytes a value": sample(fills.map(({ bytesAValue }) => bytesAValue)),
  }));
  const note =
    "In batches of 10,000, in no order of time, into a process that was just started. CPU: of that process; PostgreSQL's own is not in it. Bytes: heap and buffers, DuckDB's resident memory, and what PGlite and PostgreSQL say their tables and indexes take.";
  return { title: `Adding ${values.toLocaleString("en")} values`, note, rows };
}

async function raceQuestion(
  question: Question,
  { rounds, runners }: { readonly rounds: number; readonly runners: readonly Runner[] },
): Promise<Table["rows"]> {
  const times = runners.map((): Asked[] => []);
  let expected: AnswerDigest | undefined;
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { contender }] of runners.entries()) {
      const asked = await contender.ask(question, forMs);
      expected ??= asked.digest;
      checkSame(contender.name, { question, digest: asked.digest, expected });
      // The first round compiles what is hot.
      if (round > 0) times[index]?.push(asked);
    }
  }
  const samples = times.map((asked) => sample(asked.map(({ ms }) => ms)));
  return runners.map(({ contender }, index) => ({
    question: question.name,
    contender: contender.name,
    ms: samples[index],
    "CPU ms": sample(times[index]?.map(({ cpuMs }) => cpuMs) ?? []),
    "times the first": ratioOf(samples[index] as Sample, samples[0] as Sample),
  }));
}

/** Values are whole and small, so that all must answer the very same. */
export function checkSame(
  name: string,
  {
    question,
    digest,
    expected,
  }: { question: Question; digest: AnswerDigest; expected: AnswerDigest },
): void {
  if (JSON.stringify(digest) === JSON.stringify(expected)) return;
  throw new Error(
    `${name} answers ${question.name} with ${JSON.stringify(digest)}, not ${JSON.stringify(expected)}`,
  );
}

/** Shorter answers are asked for again and again for so long. */
const forMs = 20;
