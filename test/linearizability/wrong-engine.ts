import { decodeInteger, encodeInteger } from "../../src/kv/value.ts";
import type { Engine } from "../../src/store/engine.ts";
import type { Commit, EngineOutcome, Mutation } from "../../src/store/store.ts";
import { alteredEngine } from "../support/altered-engine.ts";

/** Engines with the mistakes a checker is for, made now and then and answered as if nothing were wrong. */
export const wrongEngines: Readonly<Record<string, (inner: Engine) => Engine>> = {
  "answers a read from the past": readsThePast,
  "applies an increment twice": appliesTwice,
  "drops a write that it has acknowledged": dropsWrites,
};

/** How often: seldom enough that most of a history is right. */
const everySo = 5;

function readsThePast(inner: Engine): Engine {
  type Answer = Awaited<ReturnType<Engine["get"]>>;
  const earlier = new Map<string, Answer>();
  let reads = 0;
  return alteredEngine(inner, {
    async get(keys) {
      const answer = await inner.get(keys);
      const name = keys.join("\n");
      const past = earlier.get(name);
      earlier.set(name, answer);
      if (past === undefined || reads++ % everySo !== 0) return answer;
      // The directory is answered as it is: who finds no tenant reads nothing.
      const isEntry = (at: number): boolean =>
        [past, answer].some(({ entries }) => typeof entries[at]?.value === "string");
      const entries = answer.entries.map((now, at) => (isEntry(at) ? past.entries[at] : now));
      return { head: answer.head, entries };
    },
  });
}

function appliesTwice(inner: Engine): Engine {
  let increments = 0;
  const apply = async (commit: Commit): Promise<EngineOutcome | undefined> => {
    const isIncrement = commit.mutations.some(isPutOf(tags.integer));
    if (!isIncrement || increments++ % everySo !== 0) return (await inner.apply([commit]))[0];
    const [outcome] = await inner.apply([{ ...commit, wantPrevious: true }]);
    if (outcome === undefined || !("revision" in outcome)) return outcome;
    const mutations = commit.mutations.flatMap((mutation, at) => {
      if (!isPutOf(tags.integer)(mutation) || mutation.op !== "put") return [];
      const sum = decodeInteger(String(mutation.value));
      const before = outcome.previous?.[at]?.value;
      const delta = before === undefined ? sum : sum - decodeInteger(String(before));
      return [{ ...mutation, value: encodeInteger(sum + delta) }];
    });
    await inner.apply([{ id: `${commit.id} again`, expect: [], mutations }]);
    return outcome;
  };
  return alteredEngine(inner, { apply: oneByOne(apply) });
}

function dropsWrites(inner: Engine): Engine {
  let writes = 0;
  const apply = async (commit: Commit): Promise<EngineOutcome | undefined> => {
    const isWrong = commit.mutations.every(isPutOf(tags.text)) && writes++ % everySo === 0;
    return (await inner.apply([isWrong ? { ...commit, mutations: [] } : commit]))[0];
  };
  return alteredEngine(inner, { apply: oneByOne(apply) });
}

const oneByOne =
  (apply: (commit: Commit) => Promise<EngineOutcome | undefined>): Engine["apply"] =>
  async (batch) => {
    const outcomes: EngineOutcome[] = [];
    for (const commit of batch) outcomes.push((await apply(commit)) as EngineOutcome);
    return outcomes;
  };

/** A value of the contract as it is stored begins with its kind. */
const isPutOf =
  (tag: number) =>
  (mutation: Mutation): boolean =>
    mutation.op === "put" &&
    typeof mutation.value === "string" &&
    mutation.value.charCodeAt(0) === tag;

const tags = { text: 0x12, integer: 0x20 } as const;
