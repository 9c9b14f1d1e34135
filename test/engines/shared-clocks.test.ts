import { expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openReplica } from "../support/shared-replica.ts";
import { openSharedServer } from "../support/shared-server.ts";
import { at, testRoot } from "../support/test-spaces.ts";

for (const [where, ahead] of [
  ["ahead of", 60_000],
  ["behind", -60_000],
] as const) {
  test(`a call's deadline does not depend on a server whose clock is ${where} the process's`, async () => {
    const server = await openSharedServer();
    const clock = new ManualClock(server.clock.now() - ahead);
    const { store } = openReplica(server.connect(), { instance: "one", clock });
    const call = { deadline: clock.now() + 1000 };
    const writing = [1, 2, 3].map((n) =>
      store.update({}, (tx) => tx.put(at(`k${n}`), "v", tx.now() + 500), call),
    );
    await Promise.all(writing);
    await store.watch([within(testRoot)], "now", call);
    const { entries } = await store.get([at("k1")]);
    expect(entries[0]?.expireAt).toBe(server.clock.now() + 500);
    server.clock.advance(500);
    expect((await store.get([at("k1")])).entries).toEqual([undefined]);
    clock.advance(1000);
    const late = store.update({}, (tx) => tx.put(at("k1"), "v", "none"), call);
    await expect(late).rejects.toMatchObject({ kind: "deadline_exceeded" });
    await store.close();
  });
}
