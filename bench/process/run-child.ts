import { runToEnd } from "./run-to-end.ts";

/** Runs one of our scripts in a process of its own, with a heap of its own, and reads the JSON that it prints. */
export async function runChild<T>(
  path: string,
  parameters: readonly (number | string)[],
): Promise<T> {
  const output = await runToEnd(process.execPath, ["--expose-gc", path, ...parameters.map(String)]);
  return JSON.parse(output) as T;
}
