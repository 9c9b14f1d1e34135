import type { Clock } from "../clock.ts";
import { TiffinError } from "../errors.ts";
import { CoreStore } from "./core/core-store.ts";
import { numberSpace } from "./core/number-source.ts";
import { purgeSpace } from "./core/purger.ts";
import type { HistoryKept } from "./core/sweeper.ts";
import type { Report } from "./core/watch-feed.ts";
import { LockingStore } from "./decorators/locking-store.ts";
import type { Engine } from "./engine.ts";
import { requestAgeSpace, requestSpace } from "./layers/request-memory.ts";
import type { Space } from "./space.ts";
import type { Limits, Store } from "./store.ts";

export interface StoreOptions {
  /** Which engine, by its scheme: `memory:`, `sqlite:` and a path. */
  readonly url: string;
  /** What the rooms keep. */
  readonly spaces: readonly Space<unknown>[];
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Unique among all processes that ever open this store. */
  readonly instance: string;
  readonly history: HistoryKept;
  readonly limits: Partial<Limits>;
  readonly memory: MemoryOptions;
  readonly report: Report;
}

export interface MemoryOptions {
  /** What keys, values, history and snapshots may take in all. */
  readonly bytesMax: number;
  readonly whenFull: "refuse" | "evict";
}

/** The only place that knows the engines and the order of the decorators, innermost first: core, locking. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const spaces = [...ownSpaces, ...options.spaces];
  const engine = await openEngine({ ...options, spaces });
  const core = new CoreStore({ ...options, spaces, engine });
  core.start();
  return new LockingStore(core, options.clock);
}

/** Engines are imported when they are asked for: a start in memory loads no database driver. */
function openEngine(options: StoreOptions): Promise<Engine> {
  const scheme = options.url.slice(0, options.url.indexOf(":") + 1);
  const open = engines.get(scheme);
  if (open === undefined) {
    // Without what follows the scheme: it may hold a password.
    throw new TiffinError(
      "invalid_field",
      `no store engine is called "${scheme}"; there are: ${knownSchemes}`,
    );
  }
  return open(options);
}

const engines = new Map<string, (options: StoreOptions) => Promise<Engine>>([
  ["memory:", openMemory],
  ["sqlite:", openSqlite],
]);

/** For messages about a URL that names none of them. */
export const knownSchemes = [...engines.keys()].join(", ");

async function openMemory({
  spaces,
  clock,
  limits,
  history,
  memory,
}: StoreOptions): Promise<Engine> {
  const { openMemoryEngine } = await import("./memory/memory-engine.ts");
  return openMemoryEngine({ spaces, clock, limits, historyBytes: history.bytes, ...memory });
}

async function openSqlite({ url, spaces, clock, limits }: StoreOptions): Promise<Engine> {
  const [{ openSqliteEngine }, { pathOf }] = await Promise.all([
    import("./sqlite/sqlite-engine.ts"),
    import("./sqlite/database-file.ts"),
  ]);
  return openSqliteEngine({ path: pathOf(url), spaces, clock, limits });
}

const ownSpaces = [numberSpace, purgeSpace, requestSpace, requestAgeSpace];
