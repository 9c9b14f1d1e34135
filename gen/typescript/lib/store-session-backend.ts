import type { JsonObject } from "@bufbuild/protobuf";
import { mergePatch } from "./merge-patch.ts";
import type {
  CreateOptions,
  RotateOptions,
  SessionBackend,
  StoredSession,
} from "./session-backend.ts";
import { createSessionId, digestOf } from "./session-id.ts";
import { readSessionRecord, type SessionRecord } from "./session-record.ts";
import { SessionTimeouts, type SessionTimeoutsOptions } from "./session-timeouts.ts";
import type { Changed, Store } from "./store.ts";
import { StoreUpdates } from "./store-updates.ts";

/** How sessions in a store end by themselves. */
export interface StoreSessionBackendOptions extends SessionTimeoutsOptions {
  /** The time in Unix milliseconds; default Date.now. */
  readonly now?: () => number;
}

/**
 * Sessions in a Store, each under the digest of its id. Changes are safe from each other when the store has `update`, as MemoryStore and
 * TiffinStore have; of one that has not, only changes by this object wait for each other, and those of other processes may be lost.
 * The session ends at its timeouts even in a store that knows no ttl. There is no list of a subject's sessions: SessionService has one.
 */
export class StoreSessionBackend implements SessionBackend {
  readonly #updates: StoreUpdates;
  readonly #timeouts: SessionTimeouts;
  readonly #now: () => number;

  constructor(store: Store, { now = Date.now, ...timeouts }: StoreSessionBackendOptions = {}) {
    this.#updates = new StoreUpdates(store);
    this.#timeouts = new SessionTimeouts(timeouts);
    this.#now = now;
  }

  async create(data: JsonObject, { subject }: CreateOptions): Promise<string> {
    const id = createSessionId();
    const usedAt = this.#now();
    const deadline = this.#timeouts.deadline(usedAt);
    await this.#write(id, { data, subject, deadline, usedAt, rotated: false });
    return id;
  }

  /** Writes the use down unless the last that was is less than the touch interval ago. */
  async get(id: string): Promise<StoredSession | undefined> {
    const record = this.#live(await this.#updates.get(digestOf(id)));
    if (record === undefined || !this.#timeouts.isTouchDue(record, this.#now())) return record;
    return await this.#touch(id);
  }

  async update(id: string, patch: JsonObject): Promise<boolean> {
    const changed = await this.#change(id, (live) => ({
      ...live,
      data: mergePatch(live.data, patch),
    }));
    return changed !== undefined;
  }

  /**
   * The record is written under the new id, which nobody knows yet, before the old one is taken out of use: whatever fails in between
   * leaves the old id as it was. Of several rotations of one id, one succeeds.
   */
  async rotate(id: string, options: RotateOptions<JsonObject>): Promise<string | undefined> {
    const newId = createSessionId();
    const rotated = await this.#change(id, async (live) => {
      const { subject = live.subject, data = {} } = options;
      const usedAt = this.#now();
      await this.#write(newId, { ...live, subject, data: mergePatch(live.data, data), usedAt });
      return { ...live, rotated: true };
    });
    const superfluous = rotated === undefined ? newId : id;
    // What is left when this fails opens nothing, and expires.
    await this.delete(superfluous).catch(() => undefined);
    return rotated === undefined ? undefined : newId;
  }

  async delete(id: string): Promise<void> {
    await this.#updates.delete(digestOf(id));
  }

  /** Of uses at the same time, as when a page loads, the first is written down for all. */
  async #touch(id: string): Promise<SessionRecord | undefined> {
    let live: SessionRecord | undefined;
    await this.#updates.update(digestOf(id), (value) => {
      live = this.#live(value);
      const now = this.#now();
      if (live === undefined || !this.#timeouts.isTouchDue(live, now)) return undefined;
      return this.#toValue({ ...live, usedAt: now });
    });
    return live;
  }

  /** Changes a session that has not ended, and never makes one. */
  async #change(
    id: string,
    change: (live: SessionRecord) => SessionRecord | Promise<SessionRecord>,
  ): Promise<SessionRecord | undefined> {
    let changed: SessionRecord | undefined;
    const apply = async (value: unknown): Promise<Changed<unknown> | undefined> => {
      const live = this.#live(value);
      changed = live && { ...(await change(live)), usedAt: this.#now() };
      return changed && this.#toValue(changed);
    };
    await this.#updates.update(digestOf(id), apply);
    return changed;
  }

  async #write(id: string, record: SessionRecord): Promise<void> {
    const { value, ttlMs } = this.#toValue(record);
    await this.#updates.set(digestOf(id), value, ttlMs);
  }

  #toValue(record: SessionRecord): Required<Changed<unknown>> {
    // It lived a moment ago: what has ended meanwhile is still written, and gone at once.
    return { value: record, ttlMs: Math.max(1, this.#timeouts.ttlMs(record, this.#now())) };
  }

  #live(value: unknown): SessionRecord | undefined {
    const record = readSessionRecord(value);
    if (record === undefined || record.rotated) return undefined;
    return this.#timeouts.ttlMs(record, this.#now()) > 0 ? record : undefined;
  }
}
