import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late the event loop was, in milliseconds: what every other call of the process had to wait. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Does the work, and says how the event loop fared meanwhile. A timer is due every millisecond, which counts as no delay. */
export async function whileWatchingLoop<T>(
  work: () => Promise<T>,
): Promise<{ result: T; delay: LoopDelay }> {
  const histogram = monitorEventLoopDelay({ resolution: timerMs });
  histogram.enable();
  const result = await work();
  histogram.disable();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - timerMs);
  const [p50, p99] = [late(histogram.percentile(50)), late(histogram.percentile(99))];
  return { result, delay: { p50, p99, max: late(histogram.max) } };
}

const timerMs = 1;
