import type { SeriesRevision } from "../analytics-store/analytics-store.ts";
import type { RpcCall } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";

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
 * Has the attempt made again where its parts are of several revisions, so many times, and as long as the call has time for one more. Then the last one
 * counts as it is: where somebody writes all the time, nobody would be answered otherwise.
 */
export async function ofOneRevision<T>(
  { room: { clock }, call: { deadline } }: Waiting,
  attempt: (revisions: AnsweredRevisions) => Promise<T>,
): Promise<{ readonly answer: T; readonly revisions: AnsweredRevisions }> {
  for (let attempts = 1; ; attempts++) {
    const revisions = new AnsweredRevisions();
    const beganAt = clock.now();
    const answer = await attempt(revisions);
    const now = clock.now();
    const hasTime = deadline === undefined || now + (now - beganAt) < deadline;
    if (revisions.areOne || attempts === attemptsMax || !hasTime) return { answer, revisions };
  }
}

interface Waiting {
  readonly room: Pick<AnalyticsRoom, "clock">;
  readonly call: RpcCall;
}

const attemptsMax = 3;
