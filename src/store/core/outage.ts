import type { Report } from "./watch-feed.ts";

/** Of work in the background that is tried again and again: it is reported when it begins to fail, and not at every try. */
export class Outage {
  readonly #report: Report;
  readonly #problem: string;
  #lasts = false;

  constructor(report: Report, problem: string) {
    this.#report = report;
    this.#problem = problem;
  }

  failed(cause: unknown): void {
    if (!this.#lasts) this.#report(this.#problem, cause);
    this.#lasts = true;
  }

  worked(): void {
    this.#lasts = false;
  }
}
