import type { Store } from "../../gen/typescript/lib/store.ts";

/** The least a store can be: three methods, no expiry, no update. What is kept can be seen. */
export function mapStore(kept = new Map<string, string>()): Store {
  return {
    get: async (key) => {
      const text = kept.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    set: async (key, value) => void kept.set(key, JSON.stringify(value)),
    delete: async (key) => void kept.delete(key),
  };
}
