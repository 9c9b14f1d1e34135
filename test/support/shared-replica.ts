import type { Clock } from "../../src/clock.ts";
import { CoreStore } from "../../src/store/core/core-store.ts";
import type { HistoryKept } from "../../src/store/core/sweeper.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import type { Engine } from "../../src/store/engine.ts";
import type { Space } from "../../src/store/space.ts";
import type { Store } from "../../src/store/store.ts";
import { allSpaces } from "./open-test-store.ts";

/** One process of several on a shared engine. */
export interface Replica {
  readonly store: Store;
  readonly engine: Engine;
  /** What its background work could not do. */
  readonly problems: string[];
}

export interface ReplicaOptions {
  /** Unique among the replicas of one server. */
  readonly instance: string;
  readonly clock: Clock;
  readonly locking?: boolean;
  /** False: nothing sweeps, purges or polls. */
  readonly background?: boolean;
  readonly history?: HistoryKept;
  readonly spaces?: readonly Space<unknown>[];
}

/** The store over the connection; closing it closes the connection. */
export function openReplica(
  engine: Engine,
  {
    instance,
    clock,
    locking = true,
    background = true,
    history = { bytes: 16 * 1024 * 1024, ms: 3_600_000 },
    spaces = allSpaces,
  }: ReplicaOptions,
): Replica {
  const problems: string[] = [];
  const core = new CoreStore({
    engine,
    spaces,
    clock,
    random: randomOf(instance),
    instance,
    history,
    report: (problem) => problems.push(problem),
  });
  if (background) core.start();
  return { store: locking ? new LockingStore(core, clock) : core, engine, problems };
}

/** Numbers in [0, 1), the same in every run and others for another seed: replicas that pause alike collide for ever. */
function randomOf(seed: string): () => number {
  let state = [...seed].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 0x9e3779b9) | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
