/** What one operation took, in microseconds: by the clock, and of the processor, the collector's threads included. */
export interface Timed {
  readonly micros: number;
  readonly cpuMicros: number;
}

export async function timed(count: number, work: () => Promise<void>): Promise<Timed> {
  const [clock, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const micros = (performance.now() - clock) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { micros: micros / count, cpuMicros: (user + system) / count };
}
