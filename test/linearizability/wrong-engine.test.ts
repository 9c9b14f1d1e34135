import { expect, test } from "vitest";
import { checkKeys, checkResolved } from "./check-keys.ts";
import { patientMs } from "./recorder.ts";
import { runRound } from "./round.ts";
import { openAlteredServer } from "./servers.ts";
import { allKeys, endKey, planOf } from "./workload.ts";
import { wrongEngines } from "./wrong-engine.ts";
import { wrongServices } from "./wrong-service.ts";

const planned = planOf({ seed: 1, clients: 8, steps: 20 }).map((plan) =>
  plan.map((step) => ({ ...step, fault: { is: "none" as const, turns: 0 } })),
);
const keys = new Set([...allKeys, endKey]);

test("an engine with nothing wrong with it passes where the wrong ones fail", async () => {
  await using server = await openAlteredServer({});
  const { recorder, reference } = await runRound({
    server,
    planned,
    deadlineMs: patientMs,
  });
  expect(checkKeys(recorder.history)).toEqual({ is: "ok" });
  expect(checkResolved(recorder.history, reference.changesOf(keys))).toEqual({ is: "ok" });
});

for (const [mistake, alterEngine] of Object.entries(wrongEngines)) {
  test(`an engine that now and then ${mistake} is caught through gRPC`, async () => {
    await using server = await openAlteredServer({ alterEngine });
    const { recorder } = await runRound({ server, planned, deadlineMs: patientMs });
    expect(checkKeys(recorder.history).is).toBe("illegal");
  });
}

for (const [mistake, alterService] of Object.entries(wrongServices)) {
  test(`a service that now and then ${mistake} is caught although its answer is not known`, async () => {
    await using server = await openAlteredServer({ alterService });
    const { recorder, reference } = await runRound({
      server,
      planned,
      deadlineMs: patientMs,
    });
    expect(recorder.endings.unknown).toBeGreaterThan(0);
    expect(checkResolved(recorder.history, reference.changesOf(keys)).is).toBe("illegal");
  });
}
