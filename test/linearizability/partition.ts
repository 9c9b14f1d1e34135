import type { Operation } from "./operation.ts";

/**
 * Histories that can be checked apart: a history is linearizable exactly when its part on every object is. Keys that one
 * operation touches together are one object, so a transaction over two keys joins them.
 */
export function partition<Input extends { readonly keys: readonly string[] }, Output>(
  history: readonly Operation<Input, Output>[],
): Operation<Input, Output>[][] {
  const parent = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let up = parent.get(root); up !== undefined; up = parent.get(root)) root = up;
    return root;
  };
  for (const { input } of history) {
    const [first = "", ...rest] = input.keys;
    for (const key of rest) {
      const root = rootOf(key);
      if (root !== rootOf(first)) parent.set(root, rootOf(first));
    }
  }
  const parts = Map.groupBy(history, ({ input }) => rootOf(input.keys[0] ?? ""));
  return [...parts.values()];
}
