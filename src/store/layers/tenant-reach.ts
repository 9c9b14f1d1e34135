import { TiffinError, tenantNotFound } from "../../errors.ts";
import type { Key } from "../key.ts";
import type { Call, Entry, Locks, Revision, Snapshot, Store, Tx, Updated } from "../store.ts";
import {
  Directory,
  expectAlive,
  isAlive,
  type Numbered,
  type Place,
  StalePlace,
  tenantsRoot,
} from "./directory.ts";

/** A call under a tenant's name. */
export interface TenantCall extends Call {
  readonly tenant: string;
}

/** What was read under a tenant: its place, and the entries under the keys asked for. */
export interface TenantReading {
  readonly tenant: Place;
  readonly head: Revision;
  readonly entries: readonly (Entry | undefined)[];
}

/** Reads and writes under a tenant's name, whatever number it has just now; `tenant_not_found` where there is none. */
export class TenantReach {
  readonly #store: Store;
  readonly #tenants = new Directory<Place>(tenantsRoot, (place) => place);

  constructor(store: Store) {
    this.#store = store;
  }

  /** Several keys at one revision, at which the tenant was there. */
  async read(
    call: TenantCall,
    keysUnder: (tenant: Place) => readonly Key[],
  ): Promise<TenantReading> {
    for (let tries = 1; ; tries++) {
      const tenant = this.#tenants.remembered(call.tenant) ?? (await this.#find(call));
      const keys = [tenant.record, ...keysUnder(tenant)];
      const { head, entries } = await this.#store.get(keys, call);
      if (isAlive(tenant, entries[0])) return { tenant, head, entries: entries.slice(1) };
      this.#tenants.forget(tenant);
      if (tries === triesMax) throw unsteady();
    }
  }

  /** Runs several reads under the tenant; again when it was another by the end. */
  async readSteadily<T>(call: TenantCall, run: (tenant: Place) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const { tenant } = await this.read(call, () => []);
      const result = await run(tenant);
      if ((await this.read(call, () => [])).tenant === tenant) return result;
      if (tries === triesMax) throw unsteady();
    }
  }

  /** An update that expects the tenant to be alive; again when it was not. */
  async update<T>(
    call: TenantCall,
    locksUnder: (tenant: Place) => Locks,
    attempt: (tx: Tx, tenant: Place) => T | Promise<T>,
  ): Promise<Updated<T>> {
    return this.write(call, (tenant) =>
      this.#store.update(
        locksUnder(tenant),
        (tx) => {
          expectAlive(tx, tenant);
          return attempt(tx, tenant);
        },
        call,
      ),
    );
  }

  /** A write that itself expects the tenant to be alive (`expectAlive`); again when it was not. */
  async write<T>(call: TenantCall, run: (tenant: Place) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const tenant = this.#tenants.remembered(call.tenant) ?? (await this.#find(call));
      try {
        return await run(tenant);
      } catch (error) {
        if (!(error instanceof StalePlace)) throw error;
        this.#tenants.forget(tenant);
        if (tries === triesMax) throw unsteady();
      }
    }
  }

  /** A snapshot, and the tenant as it is in it. The caller closes it. */
  async snapshot(call: TenantCall): Promise<{ snapshot: Snapshot; tenant: Place }> {
    const snapshot = await this.#store.snapshot(call);
    try {
      const record = this.#tenants.recordOf(call.tenant);
      const [entry] = await snapshot.get([record]);
      if (entry === undefined) throw tenantNotFound(call.tenant);
      const { number } = entry.value as Numbered;
      return { snapshot, tenant: { name: call.tenant, record, number, created: entry.created } };
    } catch (error) {
      snapshot.close();
      throw error;
    }
  }

  async #find(call: TenantCall): Promise<Place> {
    const { entries } = await this.#store.get([this.#tenants.recordOf(call.tenant)], call);
    if (entries[0] === undefined) throw tenantNotFound(call.tenant);
    return this.#tenants.remember(call.tenant, entries[0]);
  }
}

const unsteady = (): TiffinError =>
  new TiffinError(
    "contention",
    `the tenant was deleted and created anew ${triesMax} times meanwhile`,
  );

const triesMax = 16;
