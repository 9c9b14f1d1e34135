import { TiffinError } from "../../src/errors.ts";
import type { Engine } from "../../src/store/engine.ts";
import type { Key, Range } from "../../src/store/key.ts";
import type {
  Capabilities,
  Commit,
  CommitEvents,
  EngineOutcome,
  Entry,
  HistorySpan,
  Limits,
  Page,
  PageOptions,
  Revision,
  RootStatistics,
  Snapshot,
  Statistics,
} from "../../src/store/store.ts";
import { lost } from "./shared-network.ts";
import type { SharedServer } from "./shared-server.ts";

/** One process's connection to a shared server. Every call is a request that travels, an effect, and an answer that travels. */
export class SharedConnection implements Engine {
  readonly capabilities: Capabilities;
  readonly limits: Limits;
  readonly number: number;
  readonly #server: SharedServer;
  readonly #wakes = new Set<() => void>();
  /** Rejected when the connection breaks. */
  #broken = Promise.withResolvers<never>();
  #latest = 0;
  #applying = false;
  #closed = false;

  constructor(server: SharedServer, number: number, durable: "process" | "power") {
    this.#server = server;
    this.number = number;
    this.limits = server.state.limits;
    const { snapshots } = server.state.capabilities;
    this.capabilities = { engine: "shared", shared: true, durable, snapshots };
    this.#broken.promise.catch(() => undefined); // nothing may be on its way
  }

  now(): number {
    this.#latest = Math.max(this.#latest, this.#server.clock.now());
    return this.#latest;
  }

  /** Whatever is on its way fails here and now; a request may reach the server all the same. */
  cut(): void {
    const broken = this.#broken;
    this.#broken = Promise.withResolvers();
    this.#broken.promise.catch(() => undefined);
    broken.reject(lost());
  }

  /** The head has moved: told as often as the network likes. */
  wake(): void {
    if (this.#wakes.size === 0) return;
    const tell = (): void => {
      for (const wake of this.#wakes) wake();
    };
    for (const arriving of this.#server.network.wakes(this.number)) arriving.then(tell, ignore);
  }

  onHead(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  async apply(batch: readonly Commit[]): Promise<EngineOutcome[]> {
    if (this.#applying) throw new Error("a batch was given while the one before it was in flight");
    this.#applying = true;
    try {
      return await this.#ask("apply", () => this.#server.apply(this.number, batch));
    } finally {
      this.#applying = false;
    }
  }

  head(): Promise<Revision> {
    return this.#ask("head", (state) => state.head());
  }

  get(keys: readonly Key[]): Promise<{ head: Revision; entries: (Entry | undefined)[] }> {
    return this.#ask("get", (state) => state.get(keys));
  }

  page(range: Range, options: PageOptions): Promise<Page> {
    return this.#ask("page", (state) => state.page(range, options));
  }

  async snapshot(lastingMs?: number): Promise<Snapshot> {
    const { epoch } = this.#server;
    const inner = await this.#ask("snapshot", (state) => state.snapshot(lastingMs));
    const broken = this.#broken;
    const ask = <T>(call: string, answer: () => Promise<T>): Promise<T> => {
      if (this.#broken === broken && this.#server.epoch === epoch) return this.#ask(call, answer);
      inner.close();
      throw new TiffinError("snapshot_lost", "the connection that held the snapshot was lost");
    };
    return {
      revision: inner.revision,
      get: async (keys) => ask("snapshot get", () => inner.get(keys)),
      page: async (range, options) => ask("snapshot page", () => inner.page(range, options)),
      close: () => inner.close(),
    };
  }

  outcome(id: string): Promise<EngineOutcome | "unknown"> {
    return this.#ask("outcome", (state) => state.outcome(id));
  }

  history(after: Revision, bytes: number): Promise<CommitEvents[]> {
    return this.#ask("history", (state) => state.history(after, bytes));
  }

  due(limit: number): Promise<Entry[]> {
    return this.#ask("due", (state) => state.due(limit));
  }

  trim(keep: { bytes: number; ms: number }): Promise<void> {
    return this.#ask("trim", (state) => state.trim(keep));
  }

  purge(range: Range, records: number): Promise<{ done: boolean }> {
    return this.#ask("purge", (state) => state.purge(range, records));
  }

  stats(root?: Key): Promise<Statistics> {
    return this.#ask("stats", (state) => state.stats(root));
  }

  roots(range: Range, limit: number): Promise<RootStatistics[]> {
    return this.#ask("roots", (state) => state.roots(range, limit));
  }

  historySpan(): Promise<HistorySpan> {
    return this.#ask("historySpan", (state) => state.historySpan());
  }

  check(): Promise<string[]> {
    return this.#ask("check", (state) => state.check());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakes.clear();
    this.cut();
  }

  #ask<T>(call: string, answer: (state: Engine) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error(`${call}: the connection is closed`));
    return Promise.race([this.#roundTrip(call, answer), this.#broken.promise]);
  }

  async #roundTrip<T>(call: string, answer: (state: Engine) => Promise<T>): Promise<T> {
    const { network, epoch, state } = this.#server;
    await network.travel({ connection: this.number, call, way: "request" });
    if (this.#server.epoch !== epoch) throw lost();
    const answered = await answer(state);
    await network.travel({ connection: this.number, call, way: "reply" });
    return answered;
  }
}

/** A wake-up that is lost is nothing to be told of. */
const ignore = (): void => undefined;
