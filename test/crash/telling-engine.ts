import type { Engine } from "../../src/store/engine.ts";
import type { Commit, Mutation } from "../../src/store/store.ts";
import { alteredEngine } from "../support/altered-engine.ts";
import { ticketNumber } from "./crash-spaces.ts";
import type { Line } from "./ledger.ts";

/** The engine, which tells of every plan's commit before it gets it. */
export function tellingEngine(engine: Engine, tell: (line: Line) => void): Engine {
  const apply = (batch: readonly Commit[]) => {
    tell({ tells: "batch", commits: batch.length });
    for (const { id, mutations } of batch) {
      const [plan] = mutations.flatMap((mutation) => planIn(mutation) ?? []);
      if (plan !== undefined) tell({ tells: "handed", plan, id });
    }
    return engine.apply(batch);
  };
  return alteredEngine(engine, { apply });
}

const planIn = (mutation: Mutation): number | undefined =>
  "key" in mutation ? ticketNumber(mutation.key) : undefined;
