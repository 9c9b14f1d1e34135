import { expect, test } from "vitest";
import { checkKeys } from "./check-keys.ts";
import { runRound } from "./round.ts";
import { openWrongServer } from "./servers.ts";
import { planOf } from "./workload.ts";
import { wrongEngines } from "./wrong-engine.ts";

const planned = planOf({ seed: 1, clients: 8, steps: 40 }).map((plan) =>
  plan.map((step) => ({ ...step, fault: { is: "none" as const, turns: 0 } })),
);

test("an engine with nothing wrong with it passes where the wrong ones fail", async () => {
  await using server = await openWrongServer((engine) => engine);
  const { history } = await runRound(server.address, planned);
  expect(checkKeys(history)).toEqual({ is: "ok" });
});

for (const [mistake, alter] of Object.entries(wrongEngines)) {
  test(`an engine that now and then ${mistake} is caught through gRPC`, async () => {
    await using server = await openWrongServer(alter);
    const { history } = await runRound(server.address, planned);
    expect(checkKeys(history).is).toBe("illegal");
  });
}
