import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { TiffinError } from "../../errors.ts";
import type { IntegrityOptions } from "./integrity.ts";

/** Runs the check on a thread of its own: it reads all there is. */
export function checkIntegrity(options: IntegrityOptions): Promise<string[]> {
  const file = `./integrity-thread${extname(import.meta.url)}`;
  const worker = new Worker(new URL(file, import.meta.url), { workerData: options });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    const failed = (cause: unknown) =>
      reject(new TiffinError("internal", "the check ended before it was done", { cause }));
    worker.once("error", failed);
    worker.once("exit", failed);
  });
}
