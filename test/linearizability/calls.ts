import type { CallOptions, Client } from "@connectrpc/connect";
import type { Entry } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { integer, text, ttl, type ValueInit } from "../contracts/rpc-messages.ts";
import type { Effect, Guard, Input, Output, Seen } from "./keys-model.ts";

export type KeyValueClient = Client<typeof KeyValueService>;

/** One call of the contract: what the model makes of it, and how it is made. */
export interface Call {
  readonly input: Input;
  run(kv: KeyValueClient, options: CallOptions): Promise<Output>;
}

export const namespace = "recorded";

export const get = (key: string): Call => ({
  input: { name: "Get", keys: [key], effects: [] },
  run: async (kv, options) => {
    const { entry, revision } = await kv.get({ namespace, key }, options);
    return { held: true, revision: Number(revision), before: { [key]: toSeen(entry) } };
  },
});

export const batchGet = (keys: readonly string[]): Call => ({
  input: { name: "BatchGet", keys, effects: [] },
  run: async (kv, options) => {
    const answer = await kv.batchGet({ namespace, keys: [...keys] }, options);
    const before = toRecord(keys, (at) => toSeen(answer.results[at]?.entry));
    return { held: true, revision: Number(answer.revision), before };
  },
});

export const set = (key: string, value: string, guard?: Guard): Call => ({
  input: { name: "Set", keys: [key], ...(guard && { guard }), effects: [put(key, value)] },
  run: async (kv, options) => {
    const request = { namespace, key, value: text(value), ...precondition(guard) };
    const answer = await kv.set({ ...request, returnPrevious: true }, options);
    return {
      held: true,
      revision: Number(answer.version),
      created: { [key]: Number(answer.createVersion) },
      before: { [key]: toSeen(answer.previous) },
    };
  },
});

/** Not for the model, which knows no time. */
export const setExpiring = async (
  kv: KeyValueClient,
  { key, value, ms }: { readonly key: string; readonly value: string; readonly ms: number },
): Promise<void> => {
  await kv.set({ namespace, key, value: text(value), expiry: ttl(ms) });
};

export const remove = (key: string, guard?: Guard): Call => ({
  input: { name: "Delete", keys: [key], ...(guard && { guard }), effects: [{ do: "delete", key }] },
  run: async (kv, options) => {
    const request = { namespace, key, ...precondition(guard), returnPrevious: true };
    const { deleted, revision, previous } = await kv.delete(request, options);
    const before = { [key]: toSeen(previous) };
    return { held: true, revision: Number(revision), before, deleted: Number(deleted) };
  },
});

/** With a request id it may be called again: that is the same operation still. */
export const increment = (key: string, delta: number, requestId = ""): Call => ({
  input: { name: "Increment", keys: [key], effects: [{ do: "add", key, delta }] },
  run: async (kv, options) => {
    const request = { namespace, key, delta: BigInt(delta), requestId };
    const { integer, version } = await kv.increment(request, options);
    return { held: true, revision: Number(version), sums: { [key]: Number(integer) } };
  },
});

/** An Expire that changes nothing of the value: its answer tells the version. */
export const persist = (key: string): Call => ({
  input: { name: "Expire", keys: [key], effects: [] },
  run: async (kv, options) => {
    const expiry = { case: "persist", value: true } as const;
    const { version } = await kv.expire({ namespace, key, expiry }, options);
    return { held: true, versions: { [key]: Number(version) } };
  },
});

export const batchSet = (keys: readonly string[], value: string): Call => ({
  input: { name: "BatchSet", keys, effects: keys.map((key) => put(key, value)) },
  run: async (kv, options) => {
    const items = keys.map((key) => ({ key, value: text(value), returnPrevious: true }));
    const answer = await kv.batchSet({ namespace, items }, options);
    return {
      held: true,
      revision: Number(answer.revision),
      created: toRecord(keys, (at) => Number(answer.results[at]?.createVersion)),
      before: toRecord(keys, (at) => toSeen(answer.results[at]?.previous)),
    };
  },
});

export const deleteRange = (prefix: string, keys: readonly string[]): Call => ({
  input: { name: "DeleteRange", keys, effects: keys.map((key) => ({ do: "delete", key })) },
  run: async (kv, options) => {
    const selector = { case: "prefix", value: prefix } as const;
    const { deletedCount, revision } = await kv.deleteRange({ namespace, selector }, options);
    return { held: true, revision: Number(revision), deleted: Number(deletedCount) };
  },
});

/** Writes all the keys if the first holds the value, else reads them. */
export const transact = (keys: readonly string[], asked: string, value: string): Call => {
  const [first = ""] = keys;
  const guard = { key: first, value: asked };
  return {
    input: { name: "Transact", keys, guard, effects: keys.map((key) => put(key, value)) },
    run: async (kv, options) => {
      const request = {
        namespace,
        comparisons: [{ key: first, operand: { case: "value", value: text(asked) } as const }],
        // biome-ignore lint/suspicious/noThenProperty: the contract calls it so
        then: keys.map((key) => ({
          operation: {
            case: "set",
            value: { key, value: text(value), returnPrevious: true },
          } as const,
        })),
        otherwise: keys.map((key) => ({ operation: { case: "get", value: key } as const })),
      };
      const answer = await kv.transact(request, options);
      const before = toRecord(keys, (at) => {
        const result = answer.results[at]?.result;
        if (result?.case === "set") return toSeen(result.value.previous);
        return toSeen(result?.case === "get" ? result.value.entry : undefined);
      });
      return { held: answer.succeeded, revision: Number(answer.revision), before };
    },
  };
};

const put = (key: string, value: string): Effect => ({ do: "put", key, value });

function precondition(guard: Guard | undefined) {
  if (guard === undefined) return {};
  if ("version" in guard) {
    return {
      precondition: { condition: { case: "version", value: BigInt(guard.version) } as const },
    };
  }
  if ("exists" in guard) {
    return { precondition: { condition: { case: "exists", value: guard.exists } as const } };
  }
  return { precondition: { condition: { case: "value", value: toValue(guard.value) } as const } };
}

/** Counters hold integers, and no text of these histories is made of digits alone. */
const toValue = (value: string): ValueInit =>
  /^\d+$/.test(value) ? integer(BigInt(value)) : text(value);

export function toSeen(entry: Entry | undefined): Seen | null {
  if (entry === undefined) return null;
  return {
    value: String(entry.value?.kind.value),
    version: Number(entry.version),
    created: Number(entry.createVersion),
    ...(entry.expireTime && { expires: true }),
  };
}

const toRecord = <T>(keys: readonly string[], of: (at: number) => T): Record<string, T> =>
  Object.fromEntries(keys.map((key, at) => [key, of(at)]));
