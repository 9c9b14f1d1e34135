/** Who wants to be told of commits. */
export class ChangeListeners {
  readonly #listeners = new Set<(tenant: string) => void>();
  readonly #report: (problem: string, cause: unknown) => void;

  constructor(report: (problem: string, cause: unknown) => void) {
    this.#report = report;
  }

  add(listener: (tenant: string) => void): () => void {
    const own = (tenant: string): void => listener(tenant);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(tenant: string): void {
    for (const listener of this.#listeners) {
      try {
        listener(tenant);
      } catch (error) {
        // The commit is made: what a listener does wrong is not its caller's concern.
        this.#report("a listener of changes of series threw", error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
