import { expect, test } from "vitest";
import { Lifecycle } from "../../src/lifecycle.ts";
import { ManualClock } from "../support/manual-clock.ts";

const graceMs = 1000;

test("what was opened last is closed first, each before the next", async () => {
  const lifecycle = new Lifecycle({ clock: new ManualClock(), graceMs });
  const closed: string[] = [];
  for (const name of ["store", "listeners", "calls"]) {
    lifecycle.onClose(name, async () => {
      await Promise.resolve();
      closed.push(name);
    });
  }
  await lifecycle.close();
  expect(closed).toEqual(["calls", "listeners", "store"]);
});

test("a step that fails does not keep the others from closing, and is reported", async () => {
  const lifecycle = new Lifecycle({ clock: new ManualClock(), graceMs });
  const closed: string[] = [];
  lifecycle.onClose("store", () => void closed.push("store"));
  lifecycle.onClose("listeners", () => {
    throw new Error("stuck");
  });
  const error = await lifecycle.close().catch((thrown: AggregateError) => thrown);
  expect(closed).toEqual(["store"]);
  expect((error as AggregateError).errors.map(String)).toEqual(["Error: stuck"]);
});

test("a step that never ends is left behind at the end of the grace, which all share", async () => {
  const clock = new ManualClock();
  const lifecycle = new Lifecycle({ clock, graceMs });
  const { promise: storeBegan, resolve: storeBegins } = Promise.withResolvers<void>();
  const forever = new Promise<void>(() => undefined);
  lifecycle.onClose("store", () => {
    storeBegins();
    return forever;
  });
  lifecycle.onClose("calls", () => forever);
  const closing = lifecycle.close().catch((thrown: AggregateError) => thrown);
  clock.advance(graceMs);
  await storeBegan;
  clock.advance(0);
  const error = (await closing) as AggregateError;
  expect(error.errors.map(String)).toEqual([
    "Error: calls did not close in time",
    "Error: store did not close in time",
  ]);
});

test("closing twice closes once", async () => {
  const lifecycle = new Lifecycle({ clock: new ManualClock(), graceMs });
  let closed = 0;
  lifecycle.onClose("store", () => {
    closed += 1;
  });
  await Promise.all([lifecycle.close(), lifecycle.close()]);
  expect(closed).toBe(1);
});
