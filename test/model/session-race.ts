import type { Scheduler } from "fast-check";
import { expect } from "vitest";
import { sessionSpaces, sessionsRoot } from "../../src/session/session-spaces.ts";
import { child, key, within } from "../../src/store/key.ts";
import { tenantsRoot } from "../../src/store/layers/directory.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { type TenantRecord, tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openScheduledStore } from "../support/scheduled-engine.ts";
import { openScheduledServer } from "../support/shared-scheduled.ts";
import {
  type Operation,
  type OperationOf,
  type Outcome,
  openSessionCalls,
  type SessionCalls,
  type SessionCallsOptions,
} from "./session-calls.ts";
import type { Wrong } from "./session-comparison.ts";
import { SessionModel } from "./session-model.ts";
import { type Happened, inSomeOrder } from "./session-order.ts";
import { accept } from "./session-rules.ts";

/** Where calls race: those of one process wait for each other's locks, or not; those of two never do. */
export const settings = ["one process", "one process without locks", "two processes"] as const;
export type Setting = (typeof settings)[number];

const rooms = [...sessionSpaces, ...tenantSpaces];

/** Sessions, the model of them, and a race. */
export class SessionRace {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly rooms: readonly SessionCalls[];
  model: SessionModel;
  readonly #scheduler: Scheduler;

  constructor(
    scheduler: Scheduler,
    stores: readonly Store[],
    options: SessionCallsOptions & { clock: ManualClock },
  ) {
    this.#scheduler = scheduler;
    this.clock = options.clock;
    this.store = stores[0] as Store;
    this.rooms = stores.map((store) => openSessionCalls(store, options));
    this.model = new SessionModel(options.clock.now());
  }

  settled<T>(work: Promise<T>): Promise<T> {
    return this.#scheduler.waitFor(work);
  }

  /** One call, with nothing else going on. */
  async perform(operation: Operation): Promise<Outcome> {
    const outcome = await this.settled((this.rooms[0] as SessionCalls).perform(operation));
    expect(accept(this.model, operation, outcome), operation.method).toBeUndefined();
    return outcome;
  }

  /** A new session, a millisecond after all before it; answers its id. */
  async create(request: OperationOf<"create">["request"] = {}): Promise<string> {
    this.clock.advance(1);
    this.model.now = this.model.since = this.clock.now();
    const outcome = await this.perform({ method: "create", request });
    return (outcome as Extract<Outcome<"create">, { answer: object }>).answer.sessionId;
  }

  /** All at once, each process as many. How they end, and what is left, is as if it had been one after another. */
  async race(operations: readonly Operation[], around: readonly Around[] = []): Promise<Outcome[]> {
    const racing = operations.map(async (operation, at) =>
      (this.rooms[at % this.rooms.length] as SessionCalls).perform(operation),
    );
    const beside = around.map(async ({ run }) => {
      await this.#scheduler.schedule(Promise.resolve(), "around");
      run(this);
    });
    const [outcomes] = await this.settled(Promise.all([Promise.all(racing), Promise.all(beside)]));
    const happened: Happened[] = operations.map((operation, at) => ({
      operation,
      outcome: outcomes[at] as Outcome,
    }));
    await this.conclude([...happened, ...around]);
    return outcomes;
  }

  /** Looks at all there is, and finds the order in which it came about. */
  async conclude(happened: readonly Happened[]): Promise<void> {
    const found = await this.#lookAround(happened);
    const end = inSomeOrder(this.model, happened, found);
    if ("wrong" in end) expect.unreachable(`in no order: ${end.wrong.join("\n")}`);
    else this.model = end;
    this.model.since = this.model.now;
  }

  async #lookAround(happened: readonly Happened[]): Promise<(model: SessionModel) => Wrong> {
    const looks: Operation[] = [{ method: "list", request: {} }];
    for (const sessionId of [...this.model.issued, ...happened.flatMap(issuedBy)]) {
      looks.push({ method: "get", request: { sessionId, peek: true } });
    }
    const seen: [Operation, Outcome][] = [];
    const [room] = this.rooms as [SessionCalls];
    for (const look of looks) seen.push([look, await this.settled(room.perform(look))]);
    const records = await this.settled(liveRecords(this.store));
    return (model) => {
      for (const [look, outcome] of seen) {
        const wrong = accept(model, look, outcome);
        if (wrong !== undefined) return `${look.method}: ${wrong}`;
      }
      const expected = model.records();
      const isSame = expected.sessions === records.sessions && expected.ids === records.ids;
      return isSame ? undefined : `there are ${JSON.stringify(records)}`;
    };
  }
}

/** What goes on beside the calls. */
export interface Around {
  run(race: SessionRace): void;
  readonly change: (model: SessionModel) => void;
}

export const timePasses = (ms: number): Around => ({
  run: ({ clock }) => clock.advance(ms),
  change(model) {
    model.now += ms;
  },
});

export interface RaceOptions extends Omit<SessionCallsOptions, "clock"> {
  /** The second of two processes sweeps. */
  readonly sweeping?: boolean;
}

export async function openRace(
  scheduler: Scheduler,
  setting: Setting,
  { sweeping = false, ...options }: RaceOptions = {},
): Promise<SessionRace> {
  if (setting === "two processes") {
    const { server, replica } = await openScheduledServer(scheduler, [], rooms);
    const stores = [replica(), replica({ background: sweeping })].map(({ store }) => store);
    await scheduler.waitFor(ensureDefaultTenant(stores[0] as Store));
    return new SessionRace(scheduler, stores, { ...options, clock: server.clock });
  }
  const clock = new ManualClock();
  const locking = setting === "one process";
  const store = await openScheduledStore(scheduler, { locking, rooms, clock });
  await scheduler.waitFor(ensureDefaultTenant(store));
  return new SessionRace(scheduler, [store], { ...options, clock });
}

function issuedBy(happened: Happened): string[] {
  if (!("outcome" in happened) || "failed" in happened.outcome) return [];
  const { answer } = happened.outcome;
  return "sessionId" in answer ? [answer.sessionId] : [];
}

/** What lives in the store, whether anything leads there or not. */
async function liveRecords(store: Store): Promise<{ sessions: number; ids: number }> {
  const { entries } = await store.get([child(tenantsRoot, "default")]);
  const number = (entries[0]?.value as TenantRecord | undefined)?.number ?? 0;
  const [sessions, ids] = await Promise.all(
    [sessionsRoot(number), key(number, "session-id")].map((root) =>
      store.page(within(root), { limit: 1000 }),
    ),
  );
  return { sessions: sessions?.entries.length ?? 0, ids: ids?.entries.length ?? 0 };
}
