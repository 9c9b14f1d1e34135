import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Asked, ContenderAnswer, ContenderRequest, Filled } from "./contender.ts";
import type { Question } from "./questions.ts";

/** A contender in a process of its own, with a heap of its own. */
export class ContenderProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #name = "";

  constructor(script: string, parameters: readonly string[]) {
    this.#child = fork(join(import.meta.dirname, script), parameters, {
      execArgv: ["--expose-gc", "--max-old-space-size=12288"],
      // Without the caller's own environment; in UTC, as Powerhouse's engine goes by the process's time zone.
      env: { PATH: process.env["PATH"] ?? "", TZ: "UTC" },
    });
    running.add(this.#child);
    this.#child.once("exit", () => running.delete(this.#child));
  }

  /** Known once it has answered. */
  get name(): string {
    return this.#name;
  }

  async fill(values: number): Promise<Filled> {
    const { filled } = await this.#ask({ kind: "fill", values });
    if (filled === undefined) throw new Error(`${this.#name} did not say how it was filled`);
    return filled;
  }

  async settle(): Promise<void> {
    await this.#ask({ kind: "settle" });
  }

  async ask(question: Question, forMs: number): Promise<Asked> {
    const { asked } = await this.#ask({ kind: "ask", question, forMs });
    if (asked === undefined) throw new Error(`${this.#name} did not answer ${question.name}`);
    return asked;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), closeMs);
    await this.#ask({ kind: "close" }).catch(() => this.#child.kill("SIGKILL"));
    await exited;
    clearTimeout(timer);
  }

  async #ask(request: ContenderRequest): Promise<ContenderAnswer> {
    const ended = new AbortController();
    const gone = once(this.#child, "exit", { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`${this.#name || "a contender"} ended: ${code ?? signal}`);
    });
    gone.catch(() => undefined); // raced below; it may also be aborted
    const answered = once(this.#child, "message", { signal: ended.signal });
    // The end of the process is noticed above.
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), answerMs);
    this.#child.send(request);
    try {
      const [answer] = (await Promise.race([answered, gone])) as [ContenderAnswer];
      if (answer.error !== undefined) throw new Error(answer.error);
      this.#name = answer.name ?? this.#name;
      return answer;
    } finally {
      clearTimeout(timer);
      answered.catch(() => undefined);
      ended.abort();
    }
  }
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const closeMs = 10_000;
/** The longest takes Powerhouse's engine four minutes on a quiet machine. */
const answerMs = 900_000;
