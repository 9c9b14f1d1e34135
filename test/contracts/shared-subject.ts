import { setImmediate } from "node:timers/promises";
import { test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { openReplica, type Replica, type ReplicaOptions } from "../support/shared-replica.ts";

/** What a test may have go wrong between a server and its connections. */
export interface SharedFaults {
  /** From now on no connection is woken. */
  dropWakes(): void;
  /** Lets the connection's next batch have the head to itself and stop there, unseen. Answers how to let it go on. */
  holdCommit(engine: Engine): () => void;
  /** The connection breaks when its next batch has been applied, before it is told so. */
  loseAnswer(engine: Engine): void;
  /** The connection breaks before the server sees its next batch. */
  loseRequest(engine: Engine): void;
  /** Ends the server and starts it again: connections break, and can be used again. */
  restart(): Promise<void>;
}

/** Several processes' database. */
export interface OpenedServer {
  /** Turns the server's time and that of every replica. */
  readonly clock: ManualClock;
  /** Those the subject declares. */
  readonly faults?: Partial<SharedFaults>;
  connect(): Promise<Engine>;
  close(): Promise<void>;
}

export interface SharedEngineUnderTest {
  readonly name: string;
  /** A fresh, empty server with `allSpaces`. */
  open(): Promise<OpenedServer>;
  /** Which faults `open` can inject. A test that needs another is skipped by name. */
  readonly faults?: readonly (keyof SharedFaults)[];
  /** Tests, by title, that this engine cannot pass, and why. */
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
}

/** What a test of the contract works with. */
export interface SharedBench {
  readonly clock: ManualClock;
  readonly faults: SharedFaults;
  /** Another process: a store on a connection of its own, closed behind the test. */
  replica(options?: Partial<ReplicaOptions>): Promise<Replica>;
  /** Waits for the work while time passes, no faster than the server answers. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** Lets time pass until the condition holds. */
  eventually(condition: () => boolean | Promise<boolean>): Promise<void>;
}

/** A test on a fresh server; or a skipped one that says which fault or which reason is in its way. */
export const testShared =
  (subject: SharedEngineUnderTest, needs: readonly (keyof SharedFaults)[] = []) =>
  (title: string, run: (bench: SharedBench) => Promise<void>): void => {
    const missing = needs.filter((fault) => !subject.faults?.includes(fault));
    const skipped = subject.skip?.find(({ tests }) => tests.includes(title));
    const reason =
      missing.length > 0 ? `this server is not made to ${missing.join(", ")}` : skipped?.reason;
    if (reason !== undefined) {
      test.skip(`${title} (${reason})`, () => undefined);
      return;
    }
    test(title, async () => {
      const server = await subject.open();
      const replicas: Replica[] = [];
      try {
        await run(await benchOn(server, replicas));
      } finally {
        await Promise.all(replicas.map(({ store }) => store.close()));
        await server.close();
      }
    });
  };

async function benchOn(server: OpenedServer, replicas: Replica[]): Promise<SharedBench> {
  const { clock } = server;
  const turn = async (): Promise<void> => {
    clock.advance(1);
    // A round trip of its own: time in a test is not to run away from a real server's.
    await replicas
      .at(-1)
      ?.store.get([])
      .catch(() => undefined);
    await setImmediate();
  };
  const bench: SharedBench = {
    clock,
    faults: server.faults as SharedFaults,
    async replica(options = {}) {
      const instance = `replica-${replicas.length}`;
      const replica = openReplica(await server.connect(), { instance, clock, ...options });
      replicas.push(replica);
      return replica;
    },
    async settle(work) {
      let pending = true;
      const done = (): void => {
        pending = false;
      };
      work.then(done, done);
      await bench.eventually(() => !pending);
      return work;
    },
    async eventually(condition) {
      for (let turns = 0; turns < turnsMax; turns++) {
        if (await condition()) return;
        await turn();
      }
      throw new Error(`the condition did not hold within ${turnsMax} turns`);
    },
  };
  return bench;
}

const turnsMax = 20_000;
