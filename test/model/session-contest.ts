import fc, { type Scheduler } from "fast-check";
import { test } from "vitest";
import { durationOf } from "../contracts/rpc-messages.ts";
import { propertyParameters } from "../support/property.ts";
import type { Operation, Outcome } from "./session-calls.ts";
import { openRace, type SessionRace, settings } from "./session-race.ts";

/** In every setting, in every order that the scheduler finds. Each call of a race is held against the model besides. */
export function inEveryOrder(title: string, run: (race: SessionRace) => Promise<void>): void {
  for (const setting of settings) {
    test(`${title} (${setting})`, async () => {
      const property = async (scheduler: Scheduler): Promise<void> =>
        run(await openRace(scheduler, setting));
      await fc.assert(fc.asyncProperty(fc.scheduler(), property), propertyParameters(25));
    });
  }
}

export const noGrace = durationOf(0);

export const update = (sessionId: string): Operation => ({
  method: "update",
  request: { sessionId, change: { case: "replace", value: { late: true } } },
});
/** Plainly, with a grace of ten seconds, unless asked otherwise. */
export const rotate = (sessionId: string, request: object = {}): Operation => ({
  method: "rotate",
  request: { sessionId, ...request },
});
export const login = (sessionId: string): Operation => rotate(sessionId, { subject: "user" });
export const touch = (sessionId: string): Operation => ({
  method: "touch",
  request: { sessionId },
});
export const get = (sessionId: string): Operation => ({ method: "get", request: { sessionId } });
export const remove = (sessionId: string): Operation => ({
  method: "delete",
  request: { sessionId },
});

export const failuresOf = (outcomes: readonly Outcome[]): string[] =>
  outcomes.flatMap((outcome) => ("failed" in outcome ? [outcome.failed] : []));

/** The ids that calls answered. */
export const idsOf = (outcomes: readonly Outcome[]): string[] =>
  outcomes.flatMap((outcome) =>
    "answer" in outcome && "sessionId" in outcome.answer ? [outcome.answer.sessionId] : [],
  );
