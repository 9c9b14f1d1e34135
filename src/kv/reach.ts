import type { RpcCall } from "../call.ts";
import { TiffinError, tenantNotFound } from "../errors.ts";
import { child, type Key, type Range } from "../store/key.ts";
import { type Directory, isAlive, type Numbered, StalePlace } from "../store/layers/directory.ts";
import type { Entry, Page, PageOptions, Revision, Snapshot, Store } from "../store/store.ts";
import type { KvLimits } from "./kv-limits.ts";
import { entriesRoot, namespacesRoot } from "./kv-spaces.ts";
import { makeRoomForNamespace, NamespacesFull } from "./namespace-room.ts";
import { type Found, type NamespacePlace, type TenantPlace, tenantDirectory } from "./places.ts";

/** What was read in a namespace. */
export interface Reading {
  readonly head: Revision;
  /** The entries begin at `firstRead`; before them is what makes them valid. */
  readonly entries: readonly (Entry | undefined)[];
}

/** Where in a `Reading` the entries begin. */
export const firstRead = 2;

/** Reads and writes under a tenant's and a namespace's name, whatever numbers they have just now. */
export class Reach {
  readonly #store: Store;
  readonly #limits: KvLimits;
  readonly #tenants: Directory<TenantPlace> = tenantDirectory();

  constructor(store: Store, limits: KvLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** The entries under the keys at one revision; none where there is no such namespace. */
  read(call: RpcCall, namespace: string, keys: readonly string[]): Promise<Reading> {
    const place = this.#tenants.remembered(call.tenant)?.namespaces.remembered(namespace);
    if (place === undefined) return this.#findAndRead(call, namespace, keys);
    return this.#readAt(call, place, keys).then(
      (reading) => reading ?? this.#findAndRead(call, namespace, keys),
    );
  }

  /** What the names stand for, read now and at `head`. */
  async find(call: RpcCall, namespace: string): Promise<Found & { head: Revision }> {
    for (let tries = 1; ; tries++) {
      const tenant = this.#tenants.remembered(call.tenant) ?? (await this.#findTenant(call));
      const namespaceRecord = tenant.namespaces.recordOf(namespace);
      const { head, entries } = await this.#store.get([tenant.record, namespaceRecord], call);
      if (isAlive(tenant, entries[0])) {
        const entry = entries[1];
        const place = entry && tenant.namespaces.remember(namespace, entry);
        return { tenant, namespaceRecord, namespace: place, head };
      }
      this.#tenants.forget(tenant);
      if (tries === triesMax) throw unsteady();
    }
  }

  /** Reads what is under the tenant; again when the tenant was another by the end. */
  async readTenant<T>(call: RpcCall, read: (tenant: TenantPlace) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const { tenant } = await this.find(call, "");
      const result = await read(tenant);
      if ((await this.find(call, "")).tenant === tenant) return result;
      if (tries === triesMax) throw unsteady();
    }
  }

  /**
   * Runs a write under the names, which expects what it is given to be alive; again when it was not. A namespace
   * that finds its tenant full makes room first, if it can.
   */
  async inNamespace<T>(
    call: RpcCall,
    namespace: string,
    run: (found: Found) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      const found = this.#remembered(call, namespace) ?? (await this.find(call, namespace));
      try {
        return await run(found);
      } catch (error) {
        await this.#recover(error, found);
        if (tries === triesMax) throw unsteady();
      }
    }
  }

  /** One page of the namespace; undefined when it is not there, as of `head`. */
  async page(
    call: RpcCall,
    namespace: string,
    ask: (entries: Key) => { readonly range: Range; readonly options: PageOptions },
  ): Promise<{ head: Revision; place?: NamespacePlace; page?: Page }> {
    for (let tries = 1; ; tries++) {
      let place = this.#remembered(call, namespace)?.namespace;
      if (place === undefined) {
        const found = await this.find(call, namespace);
        if (found.namespace === undefined) return { head: found.head };
        place = found.namespace;
      }
      const { range, options } = ask(place.entries);
      const page = await this.#store.page(range, options, call);
      // Alive after the page means alive when it was read: what was created then is there still.
      const { entries } = await this.#store.get([place.tenant.record, place.record], call);
      if (isAlive(place.tenant, entries[0]) && isAlive(place, entries[1])) {
        return { head: page.head, place, page };
      }
      place.tenant.namespaces.forget(place);
      if (tries === triesMax) throw unsteady();
    }
  }

  /** A snapshot and what the names stood for in it. The caller closes it. */
  async snapshot(call: RpcCall, namespace: string): Promise<SnapshotReach> {
    const snapshot = await this.#store.snapshot(call);
    try {
      const tenantRecord = this.#tenants.recordOf(call.tenant);
      const [tenant] = await snapshot.get([tenantRecord]);
      if (tenant === undefined) throw tenantNotFound(call.tenant);
      const { number } = tenant.value as Numbered;
      const namespaceRecord = child(namespacesRoot(number), namespace);
      const [record] = await snapshot.get([namespaceRecord]);
      return {
        snapshot,
        tenant: { record: tenantRecord, created: tenant.created, number },
        namespaceRecord,
        namespace: record && {
          created: record.created,
          entries: entriesRoot(number, (record.value as Numbered).number),
        },
      };
    } catch (error) {
      snapshot.close();
      throw error;
    }
  }

  #remembered(call: RpcCall, name: string): Found | undefined {
    const namespace = this.#tenants.remembered(call.tenant)?.namespaces.remembered(name);
    return namespace && { tenant: namespace.tenant, namespace, namespaceRecord: namespace.record };
  }

  async #findAndRead(call: RpcCall, namespace: string, keys: readonly string[]): Promise<Reading> {
    for (let tries = 1; ; tries++) {
      const { head, namespace: place } = await this.find(call, namespace);
      if (place === undefined) return { head, entries: [] };
      const reading = await this.#readAt(call, place, keys);
      if (reading !== undefined) return reading;
      if (tries === triesMax) throw unsteady();
    }
  }

  /** Undefined when the place was stale. */
  #readAt(
    call: RpcCall,
    place: NamespacePlace,
    keys: readonly string[],
  ): Promise<Reading | undefined> {
    const asked = [place.tenant.record, place.record];
    for (const name of keys) asked.push(child(place.entries, name));
    return this.#store.get(asked, call).then((reading) => {
      if (isAlive(place, reading.entries[1]) && isAlive(place.tenant, reading.entries[0])) {
        return reading;
      }
      place.tenant.namespaces.forget(place);
      return undefined;
    });
  }

  async #findTenant(call: RpcCall): Promise<TenantPlace> {
    const record = this.#tenants.recordOf(call.tenant);
    const { entries } = await this.#store.get([record], call);
    if (entries[0] === undefined) throw tenantNotFound(call.tenant);
    return this.#tenants.remember(call.tenant, entries[0]);
  }

  /** Prepares another try of a write; throws on what another try does not help. */
  async #recover(error: unknown, { tenant, namespace }: Found): Promise<void> {
    if (error instanceof NamespacesFull) {
      await makeRoomForNamespace(this.#store, tenant, this.#limits);
    } else if (error instanceof StalePlace) {
      // The namespace is stale, or its tenant: `find` reads both, and finds out about the tenant.
      if (namespace !== undefined) tenant.namespaces.forget(namespace);
    } else throw error;
  }
}

/** A namespace as a snapshot has it. */
export interface SnapshotReach {
  readonly snapshot: Snapshot;
  readonly tenant: Pick<TenantPlace, "record" | "created" | "number">;
  readonly namespaceRecord: Key;
  readonly namespace: { readonly created: Revision; readonly entries: Key } | undefined;
}

const unsteady = (): TiffinError =>
  new TiffinError(
    "contention",
    `the tenant or namespace was deleted and created anew ${triesMax} times meanwhile`,
  );

const triesMax = 16;
