import { create } from "@bufbuild/protobuf";
import type { Scheduler } from "fast-check";
import { expect } from "vitest";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import { EndReason, type Event } from "#gen/tiffin/session/v1/watch_pb.ts";
import {
  CreateRequestSchema,
  DeleteRequestSchema,
  TenantSchema,
} from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { sessionSpaces, sessionsRoot } from "../../src/session/session-spaces.ts";
import { child, key, within } from "../../src/store/key.ts";
import { tenantsRoot } from "../../src/store/layers/directory.ts";
import type { Store } from "../../src/store/store.ts";
import { type TenantRecord, tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { createTenantService } from "../../src/tenant/tenant-service.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openScheduledStore } from "../support/scheduled-engine.ts";
import { openScheduledServer } from "../support/shared-scheduled.ts";
import {
  contextOf,
  type Operation,
  type OperationOf,
  type Outcome,
  openSessionCalls,
  type SessionCalls,
  type SessionCallsOptions,
} from "./session-calls.ts";
import { different, expectRight, type Wrong } from "./session-comparison.ts";
import { SessionModel } from "./session-model.ts";
import { type Happened, inSomeOrder } from "./session-order.ts";
import { accept } from "./session-rules.ts";
import { readTold, toldWrong, type WatchedFrom, watchFromNow } from "./session-told.ts";

/** Where calls race: those of one process wait for each other's locks, or not; those of two never do. */
export const settings = ["one process", "one process without locks", "two processes"] as const;
export type Setting = (typeof settings)[number];

const rooms = [...sessionSpaces, ...tenantSpaces];

/** Sessions, the model of them, and a race. */
export class SessionRace {
  readonly store: Store;
  readonly stores: readonly Store[];
  readonly clock: ManualClock;
  /** Begins the keys of all that is the tenant's. */
  number = 0;
  /** From the beginning. */
  watched: WatchedFrom = { subject: "", token: "" };
  model: SessionModel;
  readonly #scheduler: Scheduler;
  readonly #rooms: readonly SessionCalls[];

  constructor(
    scheduler: Scheduler,
    stores: readonly Store[],
    options: SessionCallsOptions & { clock: ManualClock },
  ) {
    this.#scheduler = scheduler;
    this.clock = options.clock;
    this.store = stores[0] as Store;
    this.stores = stores;
    this.#rooms = stores.map((store) => openSessionCalls(store, options));
    this.model = new SessionModel(options.clock.now());
  }

  settled<T>(work: Promise<T>): Promise<T> {
    return this.#scheduler.waitFor(work);
  }

  /** By turns, that of each process. */
  room(at: number): SessionCalls {
    return this.#rooms[at % this.#rooms.length] as SessionCalls;
  }

  /** One call, with nothing else going on. */
  async perform(operation: Operation): Promise<Outcome> {
    const outcome = await this.settled(this.room(0).perform(operation));
    expectRight(accept(this.model, operation, outcome));
    return outcome;
  }

  /** A new session, a millisecond after all before it; answers its id. */
  async create(request: OperationOf<"create">["request"] = {}): Promise<string> {
    this.pass(1);
    const outcome = await this.perform({ method: "create", request });
    return (outcome as Extract<Outcome<"create">, { answer: object }>).answer.sessionId;
  }

  /** What is answered of a session, by its id, without touching it. */
  async peek(sessionId: string): Promise<Outcome<"get">> {
    return (await this.perform({ method: "get", request: { sessionId, peek: true } })) as never;
  }

  pass(ms: number): void {
    this.clock.advance(ms);
    this.model.now = this.model.since = this.clock.now();
  }

  /** All at once, each process as many. How they end, and what is left, is as if it had been one after another. */
  async race(operations: readonly Operation[], around: readonly Around[] = []): Promise<Outcome[]> {
    const racing = operations.map(async (operation, at) => this.room(at).perform(operation));
    const beside = around.map(async ({ run }) => {
      await this.#scheduler.schedule(Promise.resolve(), "around");
      await run(this);
    });
    const [outcomes] = await this.settled(Promise.all([Promise.all(racing), Promise.all(beside)]));
    const happened: Happened[] = operations.map((operation, at) => ({
      operation,
      outcome: outcomes[at] as Outcome,
    }));
    await this.#conclude([...happened, ...around]);
    return outcomes;
  }

  /** Looks at all there is, and finds the order in which it came about. */
  async #conclude(happened: readonly Happened[]): Promise<void> {
    const found = await this.#lookAround(happened);
    const end = inSomeOrder(this.model, happened, found);
    if ("wrong" in end) expect.unreachable(`in no order: ${end.wrong.join("\n")}`);
    else this.model = end;
    this.model.since = this.model.now;
    const last = this.model.told.at(-1)?.at(-1)?.session.ids[0]?.id ?? "";
    await this.perform({ method: "delete", request: { sessionId: last } });
  }

  /** What lives in the store, whether anything leads there or not. */
  async liveRecords(): Promise<{ sessions: number; ids: number }> {
    const roots = [sessionsRoot(this.number), key(this.number, "session-id")];
    const [sessions, ids] = await Promise.all(
      roots.map((root) => this.store.page(within(root), { limit: 1000 })),
    );
    return { sessions: sessions?.entries.length ?? 0, ids: ids?.entries.length ?? 0 };
  }

  async #lookAround(happened: readonly Happened[]): Promise<(model: SessionModel) => Wrong> {
    const looks: Operation[] = [{ method: "list", request: {} }];
    for (const sessionId of [...this.model.issued, ...happened.flatMap(issuedBy)]) {
      looks.push({ method: "get", request: { sessionId, peek: true } });
    }
    const seen: Look[] = [];
    for (const operation of looks) seen.push(await this.#look(operation));
    const records = await this.settled(this.liveRecords());
    const last = await this.#look({ method: "create", request: {} });
    const told = await this.#toldUntil(last);
    return (model) => {
      for (const { operation, outcome } of [...seen, last]) {
        const wrong = accept(model, operation, outcome);
        if (wrong !== undefined) return wrong;
      }
      if (model.isGone) return undefined; // what it had is purged by and by
      const { sessions, ids } = model.records();
      const expected = { sessions: sessions - 1, ids: ids - 1 };
      return different(records, expected) ?? toldWrong(model, "", told);
    };
  }

  async #look(operation: Operation): Promise<Look> {
    return { operation, outcome: await this.settled(this.room(0).perform(operation)) };
  }

  /** All that a watch tells of this race; of what expires it does at some time after that. */
  async #toldUntil({ outcome }: Look): Promise<Event[]> {
    if (!("answer" in outcome && "session" in outcome.answer)) return [];
    const { handle } = outcome.answer.session as Session;
    const told = await this.settled(readTold(this.room(1), this.watched, handle));
    return told.filter(
      ({ endReason }) => endReason !== EndReason.IDLE && endReason !== EndReason.ABSOLUTE,
    );
  }
}

interface Look {
  readonly operation: Operation;
  readonly outcome: Outcome;
}

/** What goes on beside the calls. */
export interface Around {
  run(race: SessionRace): Promise<void>;
  readonly change: (model: SessionModel) => void;
}

export const timePasses = (ms: number): Around => ({
  run: async ({ clock }) => clock.advance(ms),
  change(model) {
    model.now += ms;
  },
});

/** A sweeper that found, before the race, that all there is has expired or soon will have. */
export async function lateSweep({ store, stores }: SessionRace): Promise<Around> {
  const { entries } = await store.page(within(key()), { limit: 1000 });
  const expiring = entries.filter(({ expireAt }) => expireAt !== undefined);
  const mutations = expiring.map(
    (entry) => ({ op: "delete", key: entry.key, reason: "expired" }) as const,
  );
  return {
    async run() {
      await stores.at(-1)?.commit({ expect: [], mutations });
    },
    change: () => undefined,
  };
}

export interface RaceOptions extends Omit<SessionCallsOptions, "clock"> {
  /** The second of two processes sweeps. */
  readonly sweeping?: boolean;
}

export async function openRace(
  scheduler: Scheduler,
  setting: Setting,
  options: RaceOptions = {},
): Promise<SessionRace> {
  const { clock, stores } = await openStores(scheduler, setting, options);
  const race = new SessionRace(scheduler, stores, { tenant, ...options, clock });
  await race.settled(createTenant(race.store));
  race.number = await race.settled(tenantNumber(race.store));
  race.watched = await race.settled(watchFromNow(race.room(0)));
  return race;
}

async function openStores(
  scheduler: Scheduler,
  setting: Setting,
  { sweeping = false }: RaceOptions,
): Promise<{ clock: ManualClock; stores: readonly Store[] }> {
  if (setting === "two processes") {
    const { server, replica } = await openScheduledServer(scheduler, [], rooms);
    // However much time passes, what happened can be told from the beginning.
    const history = { bytes: 1e9, ms: Infinity };
    const replicas = [replica(), replica({ background: sweeping, history })];
    const stores = replicas.map(({ store }) => store);
    return { clock: server.clock, stores };
  }
  const clock = new ManualClock();
  const locking = setting === "one process";
  return { clock, stores: [await openScheduledStore(scheduler, { locking, rooms, clock })] };
}

/** Whose sessions race. */
export const tenant = "t";

export async function createTenant(store: Store): Promise<void> {
  const request = create(CreateRequestSchema, { tenant: create(TenantSchema, { name: tenant }) });
  await createTenantService({ store, limits }).create(request, contextOf(tenant));
}

export async function deleteTenant(store: Store): Promise<void> {
  const request = create(DeleteRequestSchema, { name: tenant });
  await createTenantService({ store, limits }).delete(request, contextOf(tenant));
}

const limits = { tenantsMax: 10 };

function issuedBy(happened: Happened): string[] {
  if (!("outcome" in happened) || "failed" in happened.outcome) return [];
  const { answer } = happened.outcome;
  return "sessionId" in answer ? [answer.sessionId] : [];
}

async function tenantNumber(store: Store): Promise<number> {
  const { entries } = await store.get([child(tenantsRoot, tenant)]);
  return (entries[0]?.value as TenantRecord | undefined)?.number ?? 0;
}
