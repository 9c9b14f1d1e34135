import { create, toJson } from "@bufbuild/protobuf";
import { ValueSchema as JsonValueSchema } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import {
  type Entry,
  ExpirySchema,
  type Precondition,
  PreconditionSchema,
  type Value,
} from "../src/tiffin/kv/v1/entry_pb.ts";
import type { KeyValueService } from "../src/tiffin/kv/v1/key_value_service_pb.ts";
import { retryConflicts } from "./conflicts.ts";
import { toTtlExpiry, toValue } from "./entry-parts.ts";
import { KeyLocks } from "./key-locks.ts";
import type { Change, Changed, SetOptions, Store } from "./store.ts";
import { checkStoreKey } from "./store-key.ts";

/**
 * A Store in a namespace of Tiffin, over any transport of Connect. Values are kept as JSON, for every other client to read. What the
 * server refuses, and that it cannot be reached, comes as a ConnectError: docs/errors.md lists the reasons.
 */
export class TiffinStore<T = unknown> implements Store<T> {
  readonly #client: Client<typeof KeyValueService>;
  readonly #namespace: string;
  /** Changes of one key from within this process wait for each other here, rather than conflict at the server. */
  readonly #locks = new KeyLocks();

  constructor(client: Client<typeof KeyValueService>, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** As Store says. A TypeError when another client has put there what is not JSON: bytes, text or an integer. */
  async get(key: string): Promise<T | undefined> {
    const entry = await this.#read(key);
    return entry === undefined ? undefined : fromEntry(entry);
  }

  async set(key: string, value: T, { ttlMs }: SetOptions = {}): Promise<void> {
    checkStoreKey(key);
    const expiry = ttlMs === undefined ? {} : { expiry: toTtlExpiry(ttlMs) };
    const namespace = this.#namespace;
    await this.#client.set({
      namespace,
      key,
      value: toValue(`the value of ${key}`, value),
      ...expiry,
    });
  }

  async delete(key: string): Promise<void> {
    checkStoreKey(key);
    await this.#client.delete({ namespace: this.#namespace, key });
  }

  /** As Store says. After 16 attempts that others were faster than, the ConnectError of the last, ABORTED. */
  async update(key: string, change: Change<T>): Promise<T | undefined> {
    const attempt = async (): Promise<T | undefined> => {
      const before = await this.#read(key);
      const changed = await change(before && fromEntry(before));
      return changed && (await this.#replace(key, before, changed));
    };
    return await this.#locks.run(key, () => retryConflicts(attempt));
  }

  async #read(key: string): Promise<Entry | undefined> {
    checkStoreKey(key);
    const { entry } = await this.#client.get({ namespace: this.#namespace, key });
    return entry;
  }

  async #replace(key: string, before: Entry | undefined, changed: Changed<T>): Promise<T> {
    const value = toValue(`the value of ${key}`, changed.value);
    await this.#client.set({
      namespace: this.#namespace,
      key,
      value,
      expiry: changed.ttlMs === undefined ? keepExpiry : toTtlExpiry(changed.ttlMs),
      precondition: stillAs(before),
    });
    return fromValue(key, value);
  }
}

const fromEntry = <T>({ key, value }: Entry): T => fromValue(key, value);

function fromValue<T>(key: string, value: Value | undefined): T {
  const kind = value?.kind;
  if (kind?.case === "json") return toJson(JsonValueSchema, kind.value) as T;
  throw new TypeError(`the value of ${key} is not JSON, but ${kind?.case ?? "of a newer kind"}`);
}

const keepExpiry = create(ExpirySchema, { kind: { case: "keep", value: true } });

/** An entry's version is never used twice: not even a deletion and a new entry in between go unnoticed. */
const stillAs = (before: Entry | undefined): Precondition =>
  create(PreconditionSchema, {
    condition:
      before === undefined
        ? { case: "exists", value: false }
        : { case: "version", value: before.version },
  });
