import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { retryConflicts } from "../../gen/typescript/lib/conflicts.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { settle } from "../support/settle.ts";

const conflict = (reason = "PRECONDITION_FAILED") =>
  new ConnectError("another was faster", Code.Aborted, undefined, [
    { desc: ErrorInfoSchema, value: { reason } },
  ]);

/** Time as the clock has it, which stands still until it is turned. */
const timing = (clock: ManualClock) => ({
  now: () => clock.now(),
  pause: (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve)),
  random: Math.random,
});

test("sixteen writers of one value, all far from the server, get through, however long each call takes", async () => {
  const clock = new ManualClock();
  const { pause } = timing(clock);
  let version = 0;
  const write = async () => {
    await pause(25);
    const read = version;
    await pause(25);
    if (read !== version) throw conflict();
    version++;
  };
  const writer = async () => {
    for (let count = 0; count < 10; count++) await retryConflicts(write, timing(clock));
  };
  await settle(clock, Promise.all(Array.from({ length: 16 }, writer)));
  expect(version).toBe(160);
});

test.each(["PRECONDITION_FAILED", "CONTENTION"])("%s is tried again, 16 times", async (reason) => {
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  let attempts = 0;
  const attempt = () => {
    attempts++;
    return Promise.reject(conflict(reason));
  };
  const retrying = retryConflicts(attempt, { now: () => 0, pause, random: () => 1 });
  await expect(retrying).rejects.toThrow("another was faster");
  expect(attempts).toBe(16);
  expect(pauses.slice(0, 7)).toEqual([4, 8, 16, 32, 64, 128, 128]);
});

test("no pause is longer than five seconds", async () => {
  const pauses: number[] = [];
  let now = 0;
  const attempt = () => {
    now += 60_000;
    return Promise.reject(conflict());
  };
  const pause = async (ms: number) => void pauses.push(ms);
  await expect(
    retryConflicts(attempt, { now: () => now, pause, random: () => 1 }),
  ).rejects.toThrow();
  expect(Math.max(...pauses)).toBe(5000);
});

test("any other error is final", async () => {
  let attempts = 0;
  const attempt = () => {
    attempts++;
    return Promise.reject(conflict("STORE_FULL"));
  };
  await expect(retryConflicts(attempt)).rejects.toThrow();
  expect(attempts).toBe(1);
});
