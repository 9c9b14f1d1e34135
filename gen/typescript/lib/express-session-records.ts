import { create, toJson } from "@bufbuild/protobuf";
import {
  durationFromMs,
  ValueSchema as JsonValueSchema,
  timestampDate,
} from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { SessionData } from "express-session";
import { type Entry, EntryView, PreconditionSchema } from "../src/tiffin/kv/v1/entry_pb.ts";
import {
  ExpireCondition,
  type KeyValueService,
  type ListResponse,
} from "../src/tiffin/kv/v1/key_value_service_pb.ts";
import { toTtlExpiry, toValue } from "./entry-parts.ts";
import { errorReasonOf } from "./error-reason.ts";
import { expressSessionTtlMs, renewCookie } from "./express-session-ttl.ts";
import { KeyLocks } from "./key-locks.ts";
import { isJsonObject } from "./merge-patch.ts";
import { digestOf } from "./session-id.ts";
import { toWholeTtlMs } from "./time-to-live.ts";

/** Where an express-session store keeps sessions. */
export interface ExpressSessionStoreOptions {
  readonly client: Client<typeof KeyValueService>;
  /** For these sessions alone: `clear` empties it. Default "express-sessions". */
  readonly namespace?: string;
  /** How long a session is kept whose cookie says nothing of it, in milliseconds. Default one day. */
  readonly ttlMs?: number;
}

/** The sessions of express-session in a namespace of Tiffin, each under the digest of its id. */
export class ExpressSessionRecords {
  readonly #client: Client<typeof KeyValueService>;
  readonly #namespace: string;
  readonly #ttlMs: number;
  /** The objects whose session was read from the store, or written to it. */
  readonly #stored = new WeakSet<object>();
  /** Writes of one session arrive in the order they were asked for: a first save never after the logout that followed it. */
  readonly #locks = new KeyLocks();

  constructor({ client, namespace = "express-sessions", ttlMs }: ExpressSessionStoreOptions) {
    this.#client = client;
    this.#namespace = namespace;
    this.#ttlMs = toWholeTtlMs(ttlMs ?? dayMs);
  }

  /** Whether this object's session was in the store at some time, so that it is gone for good if it is not there any more. */
  wasStored(session: object): boolean {
    return this.#stored.has(session);
  }

  /** The object stands for a session that was in the store. */
  markStored(session: object): void {
    this.#stored.add(session);
  }

  async get(sid: string): Promise<SessionData | null> {
    const { entry } = await this.#client.get(this.#at(sid));
    const session = entry && readSession(entry);
    if (session === undefined) return null;
    renewCookie(session);
    this.markStored(session);
    return session;
  }

  async set(sid: string, session: SessionData): Promise<void> {
    await this.#locks.run(sid, () => this.#write(sid, session));
  }

  async destroy(sid: string): Promise<void> {
    await this.#locks.run(sid, () => this.#client.delete(this.#at(sid)));
  }

  /** Only ever extends: of two requests at the same time, the one that knows less must not shorten what the other has set. */
  async touch(sid: string, session: SessionData): Promise<void> {
    const ttlMs = expressSessionTtlMs(session, this.#ttlMs);
    if (ttlMs <= 0) return await this.destroy(sid);
    const expiry = { case: "ttl" as const, value: durationFromMs(toWholeTtlMs(ttlMs)) };
    const condition = ExpireCondition.IF_LATER;
    await this.#locks.run(sid, () => this.#client.expire({ ...this.#at(sid), expiry, condition }));
  }

  /** Without their ids, which are not kept: whoever could list them could act as every user. */
  async all(): Promise<SessionData[]> {
    const sessions: SessionData[] = [];
    for await (const { entries } of this.#pages(EntryView.FULL)) {
      sessions.push(...entries.map(readSession).filter((session) => session !== undefined));
    }
    return sessions;
  }

  async length(): Promise<number> {
    const { count } = await this.#client.count({ namespace: this.#namespace });
    return Number(count);
  }

  /** A page at a time, as there is a limit on what one deletion may delete. */
  async clear(): Promise<void> {
    const namespace = this.#namespace;
    for await (const { entries } of this.#pages(EntryView.KEYS)) {
      const [first, last] = [entries.at(0), entries.at(-1)];
      if (first === undefined || last === undefined) continue;
      const range = { start: first.key, end: `${last.key}\0` };
      await this.#client.deleteRange({ namespace, selector: { case: "range", value: range } });
    }
  }

  /**
   * A session that was loaded is only written while it is there. When it is not, it was destroyed meanwhile, and this is a request that
   * began before: writing would log the user in again, and an error would fail a request that did nothing wrong. So neither is done.
   */
  async #write(sid: string, session: SessionData): Promise<void> {
    const ttlMs = expressSessionTtlMs(session, this.#ttlMs);
    if (ttlMs <= 0) return void (await this.#client.delete(this.#at(sid)));
    const exists = this.wasStored(session);
    try {
      await this.#client.set({
        ...this.#at(sid),
        value: toValue("a session", session),
        expiry: toTtlExpiry(ttlMs),
        precondition: create(PreconditionSchema, { condition: { case: "exists", value: exists } }),
      });
    } catch (error) {
      if (errorReasonOf(error) !== "PRECONDITION_FAILED") throw error;
      if (exists) return;
      throw new Error(idInUse, { cause: error });
    }
    this.markStored(session);
  }

  async *#pages(view: EntryView): AsyncIterable<ListResponse> {
    const request = { namespace: this.#namespace, view, pageSize };
    let pageToken = "";
    do {
      const page = await this.#client.list({ ...request, pageToken });
      yield page;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  #at(sid: string): { readonly namespace: string; readonly key: string } {
    return { namespace: this.#namespace, key: digestOf(sid) };
  }
}

/** What has no cookie was written by something else than express-session, which could not read it. */
function readSession({ value, expireTime }: Entry): SessionData | undefined {
  if (value?.kind.case !== "json") return undefined;
  const json = toJson(JsonValueSchema, value.kind.value);
  if (!isJsonObject(json) || !isJsonObject(json["cookie"])) return undefined;
  const session = json as unknown as SessionData;
  // Touches have put it off since the session was saved.
  if (session.cookie.expires && expireTime) session.cookie.expires = timestampDate(expireTime);
  return session;
}

const idInUse =
  "a new session has the id of one that is there: to change that one, set the object that get or createSession answered";
const dayMs = 24 * 60 * 60 * 1000;
const pageSize = 1000;
