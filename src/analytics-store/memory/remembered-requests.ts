import type { IdentifiedRequest } from "../analytics-store.ts";
import { requestMs, requestsMax } from "../remembered-for.ts";
import { requestIdReused } from "../request-id-reused.ts";

interface Remembered<Answer> {
  readonly digest: string;
  readonly at: number;
  readonly answer: Answer;
}

/** What a tenant's requests with an id were answered, oldest first. */
export class RememberedRequests<Answer> {
  readonly #remembered = new Map<string, Remembered<Answer>>();

  get bytes(): number {
    return this.#remembered.size * bytesPerRequest;
  }

  /** What the request was answered before; `request_id_reused` when it was another request. */
  find(request: IdentifiedRequest | undefined, now: number): Answer | undefined {
    if (request === undefined) return undefined;
    this.#forgetOld(now);
    const known = this.#remembered.get(request.id);
    if (known === undefined) return undefined;
    if (known.digest === request.digest) return known.answer;
    throw requestIdReused(request.id);
  }

  remember(request: IdentifiedRequest | undefined, answer: Answer, now: number): void {
    if (request === undefined) return;
    this.#remembered.set(request.id, { digest: request.digest, at: now, answer });
    if (this.#remembered.size > requestsMax) this.#forgetOldest();
  }

  #forgetOld(now: number): void {
    for (const { at } of this.#remembered.values()) {
      if (now - at < requestMs) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** An id, a digest, an answer and their place: an estimate. */
export const bytesPerRequest = 400;
