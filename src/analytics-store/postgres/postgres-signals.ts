import { Client, type ClientConfig } from "pg";
import type { Clock } from "../../clock.ts";
import { type ChangeSignals, signalChannel } from "../sql/change-signals.ts";

export interface PostgresSignalsOptions {
  readonly config: ClientConfig;
  readonly clock: Clock;
  readonly report: (problem: string, cause: unknown) => void;
}

/** Listens by a connection of its own, and connects again when it is lost. What was sent meanwhile is lost: then everybody is told of everything. */
export class PostgresSignals implements ChangeSignals {
  readonly #options: PostgresSignalsOptions;
  #hear: (payload: string | undefined) => void = () => {};
  #client: Client | undefined;
  #cancelRetry: (() => void) | undefined;
  #isClosed = false;

  constructor(options: PostgresSignalsOptions) {
    this.#options = options;
  }

  async start(hear: (payload: string | undefined) => void): Promise<void> {
    this.#hear = hear;
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#client?.end();
  }

  async #connect(): Promise<void> {
    const client = new Client(this.#options.config);
    let isOver = false;
    const lost = (cause: unknown): void => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      this.#lost(client, cause);
    };
    client.on("error", lost);
    client.on("notification", ({ payload }) => this.#hear(payload));
    this.#client = client;
    try {
      await client.connect();
      await client.query(`listen ${signalChannel}`);
    } catch (error) {
      isOver = true;
      await client.end().catch(() => {}); // it is given up either way
      throw error;
    }
    client.on("end", () => lost(undefined));
  }

  #lost(client: Client, cause: unknown): void {
    this.#options.report("the connection that hears of other processes' commits was lost", cause);
    client.end().catch(() => {}); // it is given up either way
    this.#retry(retryMsMin);
  }

  #retry(afterMs: number): void {
    this.#cancelRetry = this.#options.clock.after(afterMs, () => {
      this.#connect().then(
        () => this.#hear(undefined),
        () => {
          if (!this.#isClosed) this.#retry(Math.min(afterMs * 2, retryMsMax));
        },
      );
    });
  }
}

const retryMsMin = 100;
const retryMsMax = 5000;
