import type { Asked, Contender, ContenderAnswer, ContenderRequest, Filled } from "./contender.ts";
import type { Question } from "./questions.ts";
import { sampleBatches } from "./sample-series.ts";

/** Does what the parent process asks, one thing after the other. */
export function serveContender(open: () => Promise<Contender>): void {
  const opened = open();
  opened.catch(() => undefined); // told to the parent, whatever it asks first
  let running: Promise<void> = Promise.resolve();
  process.on("message", (request: ContenderRequest) => {
    running = running.then(async () => send(await answered(opened, request)));
  });
}

async function answered(
  opened: Promise<Contender>,
  request: ContenderRequest,
): Promise<ContenderAnswer> {
  try {
    return await answer(await opened, request);
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : `${error}` };
  }
}

async function answer(contender: Contender, request: ContenderRequest): Promise<ContenderAnswer> {
  const { name } = contender;
  switch (request.kind) {
    case "fill":
      return { name, filled: await fill(contender, request.values) };
    case "settle":
      await contender.settle?.();
      return { name };
    case "ask":
      return { name, asked: await ask(contender, request) };
    case "close":
      await contender.close();
      setImmediate(() => process.disconnect());
      return { name };
  }
}

/** Only adding is timed, not the making of what is added. */
async function fill(contender: Contender, values: number): Promise<Filled> {
  const before = heldBytes();
  let [ms, cpuMs] = [0, 0];
  for (const batch of sampleBatches(values)) {
    const prepared = contender.prepare(batch);
    const watch = startWatch();
    await contender.add(prepared);
    const taken = watch();
    ms += taken.ms;
    cpuMs += taken.cpuMs;
  }
  const bytes = (await contender.storedBytes?.()) ?? heldBytes() - before;
  return { seconds: ms / 1000, cpuSeconds: cpuMs / 1000, bytesAValue: bytes / values };
}

async function ask(
  contender: Contender,
  { question, forMs }: { readonly question: Question; readonly forMs: number },
): Promise<Asked> {
  const watch = startWatch();
  for (let times = 1; ; times++) {
    const digest = await contender.ask(question);
    const { ms, cpuMs } = watch();
    if (ms >= forMs) return { ms: ms / times, cpuMs: cpuMs / times, digest };
  }
}

/** Answers what has passed since, by the clock and of the processor. */
function startWatch(): () => { readonly ms: number; readonly cpuMs: number } {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - begun, cpuMs: (user + system) / 1000 };
  };
}

function heldBytes(): number {
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** `process.send` throws when the parent is gone; then there is nobody to tell. */
function send(answer: ContenderAnswer): void {
  if (process.connected) process.send?.(answer);
}
