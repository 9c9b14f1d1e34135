import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import type { GrpcCall } from "./grpc-call.ts";

const lookMs = 1000;

/** The calls that are open: to end those that would never end, and those whose request never arrives. */
export class OpenCalls {
  readonly #clock: Clock;
  readonly #bodyMsMax: number;
  readonly #open = new Set<GrpcCall>();
  #stopLooking: (() => void) | undefined;
  #shuttingDown = false;
  #emptied: (() => void) | undefined;

  constructor(options: { readonly clock: Clock; readonly bodyMsMax: number }) {
    this.#clock = options.clock;
    this.#bodyMsMax = options.bodyMsMax;
  }

  get size(): number {
    return this.#open.size;
  }

  add(call: GrpcCall): void {
    this.#open.add(call);
    if (this.#stopLooking === undefined) this.#lookLater();
    if (this.#shuttingDown) queueMicrotask(() => endIfEndless(call));
  }

  delete(call: GrpcCall): void {
    this.#open.delete(call);
    if (this.#open.size === 0) this.#emptied?.();
  }

  /** Ends the calls that only end when someone ends them; answers when all others have ended too. */
  drained(): Promise<void> {
    this.#shuttingDown = true;
    for (const call of this.#open) endIfEndless(call);
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  close(): void {
    this.#stopLooking?.();
  }

  /** One timer for all calls: one for each would cost more than the call. */
  #lookLater(): void {
    this.#stopLooking = this.#clock.after(lookMs, () => {
      this.#stopLooking = undefined;
      this.#endSlow();
      if (this.#open.size > 0) this.#lookLater();
    });
  }

  /** A request has so long to arrive, however slowly it drips. The calls stand in the order in which they began. */
  #endSlow(): void {
    const latest = performance.now() - this.#bodyMsMax;
    for (const call of this.#open) {
      if (call.startedAt > latest) return;
      if (!call.receiving) continue;
      call.fail(new TiffinError("deadline_exceeded", "the request did not arrive in time"));
    }
  }
}

function endIfEndless(call: GrpcCall): void {
  if (call.method?.endless !== true) return;
  call.fail(new TiffinError("shutting_down", "the server is shutting down"));
}
