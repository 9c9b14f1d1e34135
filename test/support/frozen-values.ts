import type { Engine } from "../../src/store/engine.ts";
import { alteredEngine } from "./altered-engine.ts";

/** The engine, every value frozen that it is given: values are immutable from then on, and who forgets it is told. */
export const frozenValues = (inner: Engine): Engine =>
  alteredEngine(inner, {
    apply(batch) {
      for (const { mutations } of batch) {
        for (const mutation of mutations) if (mutation.op === "put") deepFreeze(mutation.value);
      }
      return inner.apply(batch);
    },
  });

function deepFreeze(value: unknown): void {
  // Bytes cannot be frozen; no room stores any as they are.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
