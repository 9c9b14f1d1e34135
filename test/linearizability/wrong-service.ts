import { TiffinError } from "../../src/errors.ts";
import type { KeyValueImplementation } from "./servers.ts";

/** Services that do wrong exactly where they say that they do not know what happened. */
export const wrongServices: Readonly<
  Record<string, (inner: KeyValueImplementation) => KeyValueImplementation>
> = {
  "applies a write twice": setsTwice,
  "applies an increment twice": incrementsTwice,
  "applies a write that it refuses": setsWhatItRefuses,
};

/** How often: seldom enough that most of a history is right. */
const everySo = 5;

function setsTwice(inner: KeyValueImplementation): KeyValueImplementation {
  let sets = 0;
  const set: KeyValueImplementation["set"] = async (request, context) => {
    const answer = await inner.set(request, context);
    if (sets++ % everySo !== 0) return answer;
    await inner.set({ ...request, precondition: undefined } as typeof request, context);
    throw nobodyKnows();
  };
  return { ...inner, set };
}

function incrementsTwice(inner: KeyValueImplementation): KeyValueImplementation {
  let increments = 0;
  const increment: KeyValueImplementation["increment"] = async (request, context) => {
    const answer = await inner.increment(request, context);
    if (request.requestId !== "" || increments++ % everySo !== 0) return answer;
    await inner.increment(request, context);
    throw nobodyKnows();
  };
  return { ...inner, increment };
}

function setsWhatItRefuses(inner: KeyValueImplementation): KeyValueImplementation {
  let refusals = 0;
  const set: KeyValueImplementation["set"] = async (request, context) => {
    try {
      return await inner.set(request, context);
    } catch (error) {
      if (refusals++ % everySo !== 0) throw error;
      await inner.set({ ...request, precondition: undefined } as typeof request, context);
      throw nobodyKnows();
    }
  };
  return { ...inner, set };
}

const nobodyKnows = (): TiffinError => new TiffinError("outcome_unknown", "the answer was lost");
