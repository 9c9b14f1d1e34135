import { type Report, tellSafely } from "./tell-safely.ts";

/** Who wants to be told of commits. */
export class ChangeListeners {
  readonly #listeners = new Set<(tenant: string) => void>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  add(listener: (tenant: string) => void): () => void {
    const own = (tenant: string): void => listener(tenant);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(tenant: string): void {
    for (const listener of this.#listeners) {
      // The commit is made: what a listener does wrong is not its caller's concern.
      tellSafely(() => listener(tenant), "a listener of changes of series", this.#report);
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
