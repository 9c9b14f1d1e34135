import fc from "fast-check";
import { expect } from "vitest";
import type { TestEngineName } from "../support/open-test-store.ts";
import { somebodies } from "./session-arbitraries.ts";
import type { SessionCallsOptions } from "./session-calls.ts";
import { perform, sessionCommands, sweepAll } from "./session-commands.ts";
import { expectRight } from "./session-comparison.ts";
import { SessionModel } from "./session-model.ts";
import { openSessionSubject, type SessionSubject } from "./session-subject.ts";
import {
  checkInitial,
  readTold,
  toldWrong,
  type WatchedFrom,
  watchFromNow,
} from "./session-told.ts";

/** Sessions do what the model does, whatever is done in whatever order. */
export const lifeOfSessions = (engine: TestEngineName, alter?: SessionCallsOptions["alter"]) =>
  fc.asyncProperty(sessionCommands, async (commands) => {
    const real = await openSessionSubject(engine, alter);
    const model = new SessionModel(real.now());
    try {
      const watches: WatchedFrom[] = [await watchFromNow(real.calls)];
      for (const whose of somebodies) watches.push(await watchFromNow(real.calls, whose));
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await sweepAll(model, real);
      for (const watched of watches) await checkTold(model, real, watched);
      await checkInitial(model, real.calls);
      expect(await real.check()).toEqual([]);
    } finally {
      await real.close();
    }
  });

/** Of all that was told up to here: a last session shows that nothing is still to come. */
async function checkTold(
  model: SessionModel,
  real: SessionSubject,
  watched: WatchedFrom,
): Promise<void> {
  const request = { subject: watched.subject || somebodies[0] };
  await perform(model, real, { method: "create", request });
  const last = model.told.at(-1)?.at(-1)?.session.handle ?? "";
  const told = await readTold(real.calls, watched, last);
  expectRight(toldWrong(model, watched.subject, told));
}
