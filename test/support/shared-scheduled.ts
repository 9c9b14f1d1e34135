import fc, { type Scheduler } from "fast-check";
import type { Clock } from "../../src/clock.ts";
import type { Space } from "../../src/store/space.ts";
import type { Store } from "../../src/store/store.ts";
import { allSpaces } from "./open-test-store.ts";
import { type Leg, lost, type Network } from "./shared-network.ts";
import { openReplica, type Replica, type ReplicaOptions } from "./shared-replica.ts";
import { openSharedServer, type SharedServer } from "./shared-server.ts";

/** What becomes of a message. After a cut, a request may still reach the server. */
export type Fate = "arrives" | "is lost" | "cuts" | "restarts";

/** Mostly good, and good for ever once it is used up: so that what is tried again comes to an end. */
export const fates = (): fc.Arbitrary<readonly Fate[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant<Fate>("arrives") },
      { weight: 2, arbitrary: fc.constantFrom<Fate>("is lost", "cuts") },
      { weight: 1, arbitrary: fc.constant<Fate>("restarts") },
    ),
    { maxLength: 60, size: "max" },
  );

/** A server whose messages arrive in the scheduler's order, and as the fates say. */
export interface ScheduledServer {
  readonly server: SharedServer;
  /** Without background work unless asked for: it never ends. */
  replica(options?: Partial<Omit<ReplicaOptions, "instance" | "clock">>): Replica;
}

export async function openScheduledServer(
  scheduler: Scheduler,
  given: readonly Fate[] = [],
  rooms: readonly Space<unknown>[] = [],
): Promise<ScheduledServer> {
  const spaces = [...allSpaces, ...rooms];
  const left = [...given];
  const network = new ScheduledNetwork(scheduler, () => left.shift() ?? "arrives");
  const server = await openSharedServer({ network, spaces });
  network.server = server;
  const clock = scheduledClock(server.clock, scheduler);
  let replicas = 0;
  return {
    server,
    replica: (options = {}) =>
      openReplica(network.connect(), {
        instance: `replica-${replicas++}`,
        ...{ clock, spaces },
        background: false,
        ...options,
      }),
  };
}

class ScheduledNetwork implements Network {
  server: SharedServer | undefined;
  readonly #scheduler: Scheduler;
  readonly #nextFate: () => Fate;
  readonly #connections: ReturnType<SharedServer["connect"]>[] = [];

  constructor(scheduler: Scheduler, nextFate: () => Fate) {
    this.#scheduler = scheduler;
    this.#nextFate = nextFate;
  }

  connect(): ReturnType<SharedServer["connect"]> {
    const durable = this.#connections.length % 2 === 0 ? "process" : "power"; // one lane of each kind
    const connection = (this.server as SharedServer).connect(durable);
    this.#connections.push(connection);
    return connection;
  }

  async travel({ connection, call, way }: Leg): Promise<void> {
    const fate = this.#nextFate();
    await this.#scheduler.schedule(Promise.resolve(), `${connection} ${call} ${way} ${fate}`);
    if (fate === "cuts") this.#connections[connection]?.cut();
    if (fate === "restarts") this.server?.restart();
    if (fate === "is lost") throw lost();
  }

  /** Lost, or once or twice, and late. */
  wakes(connection: number): readonly Promise<void>[] {
    const times = { arrives: 1, "is lost": 0, cuts: 2, restarts: 0 }[this.#nextFate()];
    return Array.from({ length: times }, () =>
      this.#scheduler.schedule(Promise.resolve(), `${connection} wake`),
    );
  }
}

/**
 * Timers fire when the scheduler says so. They are set a turn late: those that are set again and again would keep
 * everything else from its turn.
 */
function scheduledClock(clock: Clock, scheduler: Scheduler): Clock {
  return {
    now: () => clock.now(),
    after(_, action) {
      let cancelled = false;
      setImmediate(() => {
        void scheduler.schedule(Promise.resolve(), "timer").then(() => {
          if (!cancelled) action();
        });
      });
      return () => {
        cancelled = true;
      };
    },
  };
}

/** How a call ended that may have been hit by a fault. */
export type Ended<T> = { readonly known: T } | { readonly failed: "nothing" | "unknown" };

/** Fails on what no fault explains. */
export async function endOf<T>(call: Promise<T>): Promise<Ended<T>> {
  try {
    return { known: await call };
  } catch (error) {
    const { kind, message } = error as { kind?: string; message: string };
    if (kind === "outcome_unknown") return { failed: "unknown" };
    if (kind === "contention" || message === lost().message) return { failed: "nothing" };
    throw error;
  }
}

/** Asks again until a fault no longer is in the way. */
export async function persist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const ended = await endOf(ask());
    if ("known" in ended) return ended.known;
  }
}

export type Stores = readonly [Store, Store];
