import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where what it prints goes. */
  readonly folder: string;
}

/** A server that this benchmark started, and ends. */
export class ServerProcess implements AsyncDisposable {
  readonly name: string;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #output: string;

  constructor(options: ProcessOptions) {
    this.name = options.name;
    this.#output = join(options.folder, `${options.name.replaceAll(/\W+/g, "-")}.log`);
    const output = openSync(this.#output, "a");
    this.startedAt = performance.now();
    // Without the caller's own environment, whose TIFFIN_ variables would change what is measured.
    this.#child = spawn(options.command, options.arguments, {
      env: { PATH: process.env["PATH"] ?? "", ...options.environment },
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    this.#child.on("error", () => undefined); // seen as a missing pid, or as an exit
    running.add(this.#child);
    this.#child.once("exit", () => running.delete(this.#child));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} could not be started`);
    return this.#child.pid;
  }

  /** Throws, with the end of what it printed, once it has ended by itself. */
  assertRunning(): void {
    if (!this.#hasEnded) return;
    const output = readFileSync(this.#output, "utf8").slice(-2000);
    throw new Error(`${this.name} ended (${this.#child.exitCode}):\n${output}`);
  }

  /** Waits until it has ended. */
  async exited(): Promise<void> {
    if (this.#hasEnded) return;
    await once(this.#child, "exit");
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    const exited = this.exited();
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopMs);
    await exited;
    clearTimeout(timer);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Tries until it succeeds, while the process runs. */
export async function untilReady<T>(server: ServerProcess, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + readyMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      server.assertRunning();
      if (performance.now() > deadline) {
        throw new Error(`${server.name} was not ready within ${readyMs} ms`, { cause: error });
      }
      await wait(pollMs);
    }
  }
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const stopMs = 5_000;
const readyMs = 20_000;
const pollMs = 2;
