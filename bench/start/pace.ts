import { setTimeout as wait } from "node:timers/promises";

/** Calls `act` so many times a second for so many seconds, a little late but never too seldom. Stops early when `act` throws. */
export async function pace(
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  act: (index: number) => void,
): Promise<void> {
  const start = performance.now();
  const total = perSecond * seconds;
  for (let done = 0; done < total; await wait(1)) {
    const due = Math.min(total, ((performance.now() - start) / 1000) * perSecond);
    while (done < due) act(done++);
  }
}
