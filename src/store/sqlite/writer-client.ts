import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { TiffinError } from "../../errors.ts";
import { fromFailure } from "./sqlite-errors.ts";
import type { Opened, WriterReply, WriterTask, WriterWork } from "./wire.ts";
import type { WriterOptions } from "./writer.ts";

interface Pending {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

interface Request<Task extends WriterTask> {
  readonly task: Task;
  readonly asked: WriterWork[Task]["asked"];
  /** What is handed over and not copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** A thread, and what it has been asked and has not answered. */
interface WritingThread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
  readonly ended: Promise<void>;
  /** Set once it has ended: it answers nothing any more. */
  failure?: TiffinError;
}

/**
 * The writing thread as the engine sees it. One that ends without having been asked to fails what it was doing, whose
 * outcome is then looked up in the database; the next call starts another.
 */
export class WriterClient {
  readonly #options: WriterOptions;
  readonly #now: () => number;
  #thread: Promise<WritingThread> | undefined;
  /** The one started last: the end of another, late to be told, is not its end. */
  #latest: WritingThread | undefined;
  #requests = 0;
  #closed = false;

  constructor(options: WriterOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  /** Starts the thread, which opens the database. */
  async open(): Promise<Opened> {
    const thread = this.#start();
    const opened = this.#request(thread, { task: "open", asked: { now: this.#now() } });
    this.#thread = opened.then(() => thread);
    this.#thread.catch(() => undefined); // who waits for it is told below, or by asking
    try {
      return await opened;
    } catch (error) {
      this.#thread = undefined;
      await thread.worker.terminate();
      throw error;
    }
  }

  async ask<Task extends WriterTask>(
    task: Task,
    asked: WriterWork[Task]["asked"],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<WriterWork[Task]["answer"]> {
    if (this.#thread === undefined) {
      if (this.#closed) throw new TiffinError("shutting_down", "the store is closing");
      await this.open();
    }
    // It may have ended in the same turn in which it opened the file.
    if (this.#thread === undefined) throw threadEnded(undefined);
    const thread = await this.#thread;
    return await this.#request(thread, { task, asked, transfer });
  }

  /** When it is over the file is closed. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#thread?.catch(() => undefined);
    if (thread === undefined) return;
    await this.#request(thread, { task: "close", asked: undefined }).catch(() => undefined); // a thread that has ended is closed
    await thread.ended;
  }

  #start(): WritingThread {
    const file = `./writer-thread${extname(import.meta.url)}`;
    const worker = new Worker(new URL(file, import.meta.url), { workerData: this.#options });
    const ended = Promise.withResolvers<void>();
    const thread: WritingThread = { worker, pending: new Map(), ended: ended.promise };
    let cause: unknown;
    worker.on("message", (reply: WriterReply) => settle(thread, reply, this.#options.path));
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", () => {
      if (this.#latest === thread) this.#thread = undefined;
      thread.failure = threadEnded(cause);
      for (const { reject } of thread.pending.values()) reject(thread.failure);
      thread.pending.clear();
      ended.resolve();
    });
    this.#latest = thread;
    return thread;
  }

  #request<Task extends WriterTask>(
    { worker, pending, failure }: WritingThread,
    { task, asked, transfer = [] }: Request<Task>,
  ): Promise<WriterWork[Task]["answer"]> {
    if (failure !== undefined) return Promise.reject(failure);
    const number = this.#requests++;
    return new Promise((resolve, reject) => {
      pending.set(number, { resolve: resolve as Pending["resolve"], reject });
      worker.postMessage({ number, task, asked }, transfer);
    });
  }
}

const threadEnded = (cause: unknown): TiffinError =>
  new TiffinError("internal", "the writing thread has ended", { cause });

function settle({ pending }: WritingThread, reply: WriterReply, path: string): void {
  const waiting = pending.get(reply.number);
  pending.delete(reply.number);
  if ("failure" in reply) waiting?.reject(fromFailure(reply.failure, path));
  else waiting?.resolve(reply.answer);
}
