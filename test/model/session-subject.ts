import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { sessionSpaces, sessionsRoot } from "../../src/session/session-spaces.ts";
import { child, key } from "../../src/store/key.ts";
import { tenantsRoot } from "../../src/store/layers/directory.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { type TenantRecord, tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { ManualClock } from "../support/manual-clock.ts";
import type { TestEngineName } from "../support/open-test-store.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { openSessionCalls, type SessionCalls, type SessionCallsOptions } from "./session-calls.ts";

/** The room under the model: what can be called of it, and what happens around it. */
export interface SessionSubject {
  readonly calls: SessionCalls;
  now(): number;
  /** Lets time go by. Nothing comes by meanwhile: nothing is swept. */
  pass(ms: number): void;
  /** Sweeps, until the store holds so many records. */
  sweepTo(records: { sessions: number; ids: number }): Promise<void>;
  /** As far as the engine outlives it. */
  restart(): Promise<void>;
  check(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openSessionSubject(
  engine: TestEngineName,
  alter?: SessionCallsOptions["alter"],
): Promise<SessionSubject> {
  const wall = new ManualClock();
  const timers = new ManualClock();
  const clock: Clock = { now: () => wall.now(), after: (ms, action) => timers.after(ms, action) };
  const url = engine === "memory" ? "memory:" : `sqlite:${join(temporaryFolder(), "tiffin.db")}`;
  let opened = 0;
  const open = async (): Promise<{ store: Store; calls: SessionCalls }> => {
    const store = await openRoomStore(url, clock, `test-${opened++}`);
    return { store, calls: openSessionCalls(store, { clock, ...(alter && { alter }) }) };
  };
  let now = await open();
  return {
    get calls() {
      return now.calls;
    },
    now: () => wall.now(),
    pass: (ms) => wall.advance(ms),
    async sweepTo(expected) {
      for (let turn = 0; turn < turnsMax; turn++) {
        const found = await recordsOf(now.store);
        if (found.sessions === expected.sessions && found.ids === expected.ids) return;
        timers.advance(100);
        await setImmediate();
      }
      expect(await recordsOf(now.store), "swept").toEqual(expected);
    },
    async restart() {
      if (engine === "memory") return;
      await now.store.close();
      now = await open();
    },
    check: () => now.store.check(),
    close: () => now.store.close(),
  };
}

async function openRoomStore(url: string, clock: Clock, instance: string): Promise<Store> {
  const store = await openStore({
    ...{ url, clock, instance, random: () => 0.5, limits: {} },
    spaces: [...sessionSpaces, ...tenantSpaces],
    history: { bytes: 16 * 1024 * 1024, ms: 400 * 24 * 3_600_000 },
    memory: { bytesMax: 256 * 1024 * 1024, whenFull: "refuse" },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  await ensureDefaultTenant(store);
  return store;
}

/** How many are stored, those that have expired included. */
async function recordsOf(store: Store): Promise<{ sessions: number; ids: number }> {
  const { entries } = await store.get([child(tenantsRoot, "default")]);
  const number = (entries[0]?.value as TenantRecord | undefined)?.number ?? 0;
  const [sessions, ids] = await Promise.all([
    store.stats(sessionsRoot(number)),
    store.stats(key(number, "session-id")),
  ]);
  return { sessions: sessions.records, ids: ids.records };
}

/** Sweeps are over within a few; a writer on a thread goes by its own time. */
const turnsMax = 5000;
