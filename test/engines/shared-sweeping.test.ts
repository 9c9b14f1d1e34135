import { expect, test } from "vitest";
import { quiet } from "../support/settle.ts";
import { type Leg, quietNetwork } from "../support/shared-network.ts";
import { openReplica } from "../support/shared-replica.ts";
import { openSharedServer } from "../support/shared-server.ts";

test("replicas that started together do not sweep in step", async () => {
  const sweeps: [connection: number, at: number][] = [];
  const server = await openSharedServer();
  server.network = {
    ...quietNetwork,
    async travel({ connection, call, way }: Leg) {
      if (call === "due" && way === "request") sweeps.push([connection, server.clock.now()]);
    },
  };
  const { clock } = server;
  const replicas = ["one", "two"].map((instance) =>
    openReplica(server.connect(), { instance, clock }),
  );
  for (let ms = 0; ms < 2000; ms += 10) {
    clock.advance(10);
    await quiet();
  }
  const timesOf = (connection: number) =>
    sweeps.filter(([of]) => of === connection).map(([, time]) => time);
  const [first, second] = [timesOf(0), timesOf(1)];
  for (const times of [first, second]) {
    expect(times.length).toBeGreaterThan(10);
    expect(times.length).toBeLessThan(40);
  }
  const together = first.filter((time) => second.includes(time));
  expect(together.length).toBeLessThan(first.length / 2);
  await Promise.all(replicas.map(({ store }) => store.close()));
});
