import type { SeriesRevision } from "../analytics-store/analytics-store.ts";

/** Of which revisions of the tenant's series the parts of an answer are. */
export class AnsweredRevisions {
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  /** Of no part it is, before one is noted. */
  get least(): SeriesRevision {
    return this.#least;
  }

  /** Whether nothing was added or deleted between the first part and the last. */
  get areOne(): boolean {
    return this.#least >= this.#most;
  }

  note(revision: SeriesRevision): void {
    this.#least = Math.min(this.#least, revision);
    this.#most = Math.max(this.#most, revision);
  }

  noteAll(others: AnsweredRevisions): void {
    this.#least = Math.min(this.#least, others.#least);
    this.#most = Math.max(this.#most, others.#most);
  }
}

/**
 * Has the attempt made again where its parts are of several revisions. Who writes all the time has the last one count as it is: to ask for ever
 * would answer nobody.
 */
export async function ofOneRevision<T>(
  attempt: (revisions: AnsweredRevisions) => Promise<T>,
): Promise<{ readonly answer: T; readonly revisions: AnsweredRevisions }> {
  for (let attempts = 1; ; attempts++) {
    const revisions = new AnsweredRevisions();
    const answer = await attempt(revisions);
    if (revisions.areOne || attempts === attemptsMax) return { answer, revisions };
  }
}

const attemptsMax = 3;
