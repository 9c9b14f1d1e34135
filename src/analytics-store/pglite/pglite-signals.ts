import type { PGlite } from "@electric-sql/pglite";
import { type ChangeSignals, signalChannel } from "../sql/change-signals.ts";

/** Several stores on one PGlite hear of each other. */
export class PgliteSignals implements ChangeSignals {
  readonly #pglite: PGlite;
  #stop: (() => Promise<void>) | undefined;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  async start(hear: (payload: string | undefined) => void): Promise<void> {
    this.#stop = await this.#pglite.listen(signalChannel, hear);
  }

  async close(): Promise<void> {
    await this.#stop?.();
  }
}
