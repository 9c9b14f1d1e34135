import type { NewSeries } from "../../src/analytics-store/series.ts";
import type { AnswerDigest, Question } from "./questions.ts";

/** What holds series and answers questions, in a process of its own (`serve-contender.ts`). */
export interface Contender {
  /** What it is called in the tables: the program, and its version where it is not ours. */
  readonly name: string;
  /** Makes of a batch what `add` takes; not measured. */
  prepare(batch: readonly NewSeries[]): unknown;
  add(prepared: unknown): Promise<void>;
  /** What an owner would do once all is added, such as ANALYZE; not measured. */
  settle?(): Promise<void>;
  ask(question: Question): Promise<AnswerDigest>;
  /** Bytes it holds on disk or in another process, where the process's own memory does not say. */
  storedBytes?(): Promise<number>;
  close(): Promise<void>;
}

/** What the parent asks of a contender's process. */
export type ContenderRequest =
  | { readonly kind: "fill"; readonly values: number }
  | { readonly kind: "settle" }
  | { readonly kind: "ask"; readonly question: Question; readonly forMs: number }
  | { readonly kind: "close" };

/** What it answers: one of these, or why not. */
export interface ContenderAnswer {
  readonly name?: string;
  readonly filled?: Filled;
  readonly asked?: Asked;
  readonly error?: string;
}

export interface Filled {
  readonly seconds: number;
  /** Of its process, all threads. */
  readonly cpuSeconds: number;
  readonly bytesAValue: number;
}

export interface Asked {
  /** The mean of as many answers as fit into the time, one at least. */
  readonly ms: number;
  /** Of its process, all threads. */
  readonly cpuMs: number;
  readonly digest: AnswerDigest;
}
