import { expect, test } from "vitest";
import { get, increment, remove, set } from "./calls.ts";
import { checkResolved } from "./check-keys.ts";
import { Recorder } from "./recorder.ts";
import { openRecordedClient } from "./round.ts";
import { openAlteredServer } from "./servers.ts";
import { StoreHistory } from "./store-history.ts";
import { trimmingEngine } from "./trimming-engine.ts";
import { watchAlong } from "./watch-history.ts";
import { WatchReference } from "./watch-reference.ts";
import { endKey } from "./workload.ts";

const cut = { messages: 1, how: "cancel", relist: "list", pause: 0 } as const;

test("a write whose answer was lost is told by the store's history, and whoever made it calls on", async () => {
  await using server = await openAlteredServer({});
  await using history = await StoreHistory.open(server.store);
  await using client = await openRecordedClient(server.address, 0);
  const recorder = new Recorder();
  await recorder.record(client, get("k0"));
  const lost = recorder.record(client, set("k0", "lost"), { is: "answer lost", turns: 0 });
  await history.until(({ entry }) => entry?.value === "lost");
  client.link.cut();
  await lost;
  await recorder.record(client, get("k0"));
  await recorder.record(client, set(endKey, "last"));
  await history.until(({ key }) => key === endKey);
  expect(recorder.endings).toMatchObject({ answered: 3, unknown: 1 });
  const commits = new WatchReference(history.events).changesOf(new Set(["k0", endKey]));
  expect(commits[0]?.changes).toMatchObject([{ key: "k0", after: { value: "lost" } }]);
  expect(checkResolved(recorder.history, commits)).toEqual({ is: "ok" });
});

test("a condition on what a counter holds is one on an integer, and is not refused", async () => {
  await using server = await openAlteredServer({});
  await using client = await openRecordedClient(server.address, 0);
  const recorder = new Recorder();
  await recorder.record(client, increment("c0", 5));
  await recorder.record(client, remove("c0", { key: "c0", value: "5" }));
  expect(recorder.history.at(-1)?.output).toMatchObject({ held: true, deleted: 1 });
});

test("a watch that begins anew with the last write in its initial state is over, and has its token", async () => {
  await using server = await openAlteredServer({});
  await using client = await openRecordedClient(server.address, 0);
  const recorder = new Recorder();
  await recorder.record(client, set("k0", "last"));
  const { segments } = await watchAlong({
    ...{ client, recorder, lastValue: "last", hasPrevious: false },
    filter: { case: "key", value: "k0" },
    cuts: [{ ...cut, by: "initial state" }],
  });
  expect(segments.at(-1)?.listed).toMatchObject([{ key: "k0", entry: { value: "last" } }]);
  expect(segments.at(-1)?.messages).toMatchObject([{ token: expect.stringMatching(/./) }]);
});

test("a watch that lists the last write, since its history is gone, is over", async () => {
  await using server = await openAlteredServer({ alterEngine: trimmingEngine(0) });
  await using client = await openRecordedClient(server.address, 0);
  await using writer = await openRecordedClient(server.address, 1);
  const recorder = new Recorder();
  const watching = watchAlong({
    ...{ client, recorder, lastValue: "last", hasPrevious: false },
    filter: { case: "key", value: "k0" },
    cuts: [{ ...cut, by: "revision", pause: 3 }],
  });
  for (const value of ["first", "second", "last"]) await recorder.record(writer, set("k0", value));
  recorder.end();
  const { segments, lost } = await watching;
  expect(lost).toBe(1);
  expect(segments.at(-1)?.listed).toMatchObject([{ key: "k0", entry: { value: "last" } }]);
});
