import { TiffinError } from "../errors.ts";

/**
 * Bounds what the requests being handled hold in memory: beyond it a call is refused at once and may be tried again,
 * where without it a flood of large requests would end the process for everyone.
 */
export class RequestsInHandling {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a request in, or throws overloaded. One larger than the bound alone may pass when nothing else is there. */
  admit(bytes: number): void {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) {
      throw new TiffinError("overloaded", "too many bytes of requests are being handled", {
        metadata: {
          limit: "TIFFIN_REQUEST_BYTES_MAX",
          max: String(this.#bytesMax),
          actual: String(this.#bytes + bytes),
        },
      });
    }
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
