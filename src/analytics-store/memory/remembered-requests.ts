import { TiffinError } from "../../errors.ts";
import type { IdentifiedRequest } from "../analytics-store.ts";

interface Remembered<Answer> {
  readonly digest: string;
  readonly at: number;
  readonly answer: Answer;
}

/** What a tenant's requests with an id were answered, oldest first. */
export class RememberedRequests<Answer> {
  readonly #remembered = new Map<string, Remembered<Answer>>();

  get bytes(): number {
    return this.#remembered.size * bytesEach;
  }

  /** What the request was answered before; `request_id_reused` when it was another request. */
  find(request: IdentifiedRequest | undefined, now: number): Answer | undefined {
    if (request === undefined) return undefined;
    this.#forgetOld(now);
    const known = this.#remembered.get(request.id);
    if (known === undefined) return undefined;
    if (known.digest === request.digest) return known.answer;
    throw new TiffinError(
      "request_id_reused",
      `request_id ${request.id} was used with other content`,
      {
        metadata: { request_id: request.id },
        violations: [{ field: "request_id", description: "was used with other content" }],
      },
    );
  }

  remember(request: IdentifiedRequest | undefined, answer: Answer, now: number): void {
    if (request === undefined) return;
    this.#remembered.set(request.id, { digest: request.digest, at: now, answer });
    if (this.#remembered.size > rememberedMax) this.#forgetOldest();
  }

  #forgetOld(now: number): void {
    for (const { at } of this.#remembered.values()) {
      if (now - at < rememberedMs) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

const rememberedMs = 10 * 60 * 1000;
const rememberedMax = 100_000;
/** An id, a digest, an answer and their place: an estimate. */
const bytesEach = 400;
