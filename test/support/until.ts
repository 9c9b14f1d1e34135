import { vi } from "vitest";

/** Waits for something outside of the test's reach, a socket or a process; on a busy machine that may take its time. */
export const until = (holds: () => boolean | Promise<boolean>): Promise<boolean> =>
  vi.waitUntil(holds, { timeout: 15_000, interval: 20 });
