import type { Engine } from "../../src/store/engine.ts";
import { alteredEngine } from "../support/altered-engine.ts";

/** Trims its history beside every batch of commits, instead of every few seconds: watches and commits race it all the time. */
export const trimmingEngine =
  (bytes: number) =>
  (inner: Engine): Engine =>
    alteredEngine(inner, {
      async apply(batch) {
        const [outcomes] = await Promise.all([
          inner.apply(batch),
          inner.trim({ bytes, ms: Number.POSITIVE_INFINITY }),
        ]);
        return outcomes;
      },
    });
