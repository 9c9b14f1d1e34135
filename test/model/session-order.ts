import type { Operation, Outcome } from "./session-calls.ts";
import type { Wrong } from "./session-comparison.ts";
import type { SessionModel } from "./session-model.ts";
import { accept } from "./session-rules.ts";

/** What happened at the same time as others: a call and how it ended, or something around the calls. */
export type Happened =
  | { readonly operation: Operation; readonly outcome: Outcome }
  | { readonly change: (model: SessionModel) => void };

/**
 * The model after all that happened, in an order in which each had the outcome it had, and after which what is found is right. There
 * is one, or what happened at the same time did not happen one after another.
 */
export function inSomeOrder(
  model: SessionModel,
  happened: readonly Happened[],
  found: (model: SessionModel) => Wrong,
): SessionModel | { readonly wrong: readonly string[] } {
  const search = new Search(found);
  return search.from(model, happened) ?? { wrong: [...search.wrong] };
}

class Search {
  /** Why orders were given up. */
  readonly wrong = new Set<string>();
  readonly #found: (model: SessionModel) => Wrong;

  constructor(found: (model: SessionModel) => Wrong) {
    this.#found = found;
  }

  from(before: SessionModel, left: readonly Happened[]): SessionModel | undefined {
    if (left.length === 0) return this.#tried(before, this.#found);
    for (const [at, next] of left.entries()) {
      const after = this.#tried(before, (model) => happen(model, next));
      const end = after && this.from(after, left.toSpliced(at, 1));
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #tried(before: SessionModel, step: (model: SessionModel) => Wrong): SessionModel | undefined {
    const after = before.copy();
    const problem = step(after);
    if (problem === undefined) return after;
    this.wrong.add(problem);
    return undefined;
  }
}

function happen(model: SessionModel, happened: Happened): Wrong {
  if ("change" in happened) {
    happened.change(model);
    return undefined;
  }
  const { operation, outcome } = happened;
  return accept(model, operation, outcome);
}
