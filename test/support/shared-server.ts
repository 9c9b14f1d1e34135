import type { Engine } from "../../src/store/engine.ts";
import type { Space } from "../../src/store/space.ts";
import { Spaces } from "../../src/store/spaces.ts";
import type { Commit, EngineOutcome, Limits, Mutation } from "../../src/store/store.ts";
import { ManualClock } from "./manual-clock.ts";
import { allSpaces, openTestEngine } from "./open-test-store.ts";
import { SharedConnection } from "./shared-connection.ts";
import { lost, type Network, quietNetwork } from "./shared-network.ts";

/**
 * A database that several processes share, as bad as one may be: slow, out of order, forgetful of answers, restarted.
 * What it keeps is a memory engine's; all between that and its connections is the network's doing.
 */
export class SharedServer {
  readonly clock: ManualClock;
  /** What the database holds, past all connections: for a test to look at. */
  readonly state: Engine;
  network: Network;
  /** Rises with each restart: what was on its way to the server before does not reach this one. */
  epoch = 0;
  readonly #spaces: Spaces;
  readonly #connections: SharedConnection[] = [];
  /** What holds a connection's next commit once it has the head to itself. */
  readonly #held = new Map<number, Promise<void>>();
  /** Fulfilled when the commit that has the head to itself gives it back. */
  #head: Promise<void> = Promise.resolve();

  constructor(
    { clock, state, network }: Pick<SharedServer, "clock" | "state" | "network">,
    spaces: readonly Space<unknown>[],
  ) {
    this.#spaces = new Spaces(spaces);
    this.clock = clock;
    this.state = state;
    this.network = network;
    state.onHead(() => {
      for (const connection of this.#connections) connection.wake();
    });
  }

  /** Stores that wait for a disk gather commits otherwise: "power" is to be had for that alone. */
  connect(durable: "process" | "power" = "process"): SharedConnection {
    const connection = new SharedConnection(this, this.#connections.length, durable);
    this.#connections.push(connection);
    return connection;
  }

  /** Breaks every connection and forgets what is not stored. They can be used again at once. */
  restart(): void {
    this.epoch++;
    for (const connection of this.#connections) connection.cut();
  }

  /** The next commits of that connection stop with the head to themselves, before they are visible, until released. */
  hold(connection: number): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.set(connection, promise);
    return () => {
      this.#held.delete(connection);
      resolve();
    };
  }

  /** One batch after another, whoever they are from. A restart undoes what has not been applied. */
  async apply(connection: number, batch: readonly Commit[]): Promise<EngineOutcome[]> {
    const { epoch } = this;
    const before = this.#head;
    const turn = Promise.withResolvers<void>();
    this.#head = turn.promise;
    await before;
    try {
      await this.#held.get(connection);
      if (this.epoch !== epoch) throw lost();
      return await this.#applyCopies(batch);
    } finally {
      turn.resolve();
    }
  }

  /** What crosses a network is written and read again: nothing of it is the sender's any more. */
  async #applyCopies(batch: readonly Commit[]): Promise<EngineOutcome[]> {
    const copies = batch.map((commit) => ({
      ...commit,
      expect: commit.expect.map((expected) => ({ ...expected })),
      mutations: commit.mutations.map((mutation) => this.#copyOf(mutation)),
    }));
    const outcomes = await this.state.apply(copies);
    return outcomes.map((outcome, index) => {
      if (!("conflict" in outcome)) return outcome;
      const { conflict } = outcome;
      const at = copies[index]?.expect.indexOf(conflict.expected) ?? -1;
      const expected = batch[index]?.expect[at] ?? conflict.expected;
      return { conflict: { ...conflict, expected } };
    });
  }

  #copyOf(mutation: Mutation): Mutation {
    if (mutation.op !== "put") return { ...mutation };
    const { codec } = this.#spaces.of(mutation.key);
    return { ...mutation, value: codec.decode(codec.encode(mutation.value)) };
  }
}

export async function openSharedServer({
  limits = {},
  network = quietNetwork,
  spaces = allSpaces,
}: {
  limits?: Partial<Limits>;
  network?: Network;
  spaces?: readonly Space<unknown>[];
} = {}): Promise<SharedServer> {
  const clock = new ManualClock();
  const state = await openTestEngine(clock, limits, { spaces });
  return new SharedServer({ clock, state, network }, spaces);
}
