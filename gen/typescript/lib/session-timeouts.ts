import type { SessionRecord } from "./session-record.ts";
import { toWholeTtlMs } from "./time-to-live.ts";

/** When sessions end by themselves, in milliseconds. */
export interface SessionTimeoutsOptions {
  /** After so long without a use, and at most the touch interval later. Default 30 minutes. */
  readonly idleTimeoutMs?: number;
  /** After so long, used or not. Default 12 hours. */
  readonly absoluteTimeoutMs?: number;
  /** A use is written down when the last that was is so long ago: at most a tenth of the idle timeout. 0: every use. Default 1 second. */
  readonly touchIntervalMs?: number;
}

type Times = Pick<SessionRecord, "deadline" | "usedAt">;

/** When a session ends. Times are Unix milliseconds. */
export class SessionTimeouts {
  readonly #idleMs: number;
  readonly #absoluteMs: number;
  readonly #touchMs: number;

  constructor(options: SessionTimeoutsOptions) {
    const { idleTimeoutMs = idleMsDefault, absoluteTimeoutMs = absoluteMsDefault } = options;
    this.#idleMs = toWholeTtlMs(idleTimeoutMs);
    this.#absoluteMs = toWholeTtlMs(absoluteTimeoutMs);
    const touchMsMax = this.#idleMs / 10;
    const { touchIntervalMs = Math.min(touchMsDefault, touchMsMax) } = options;
    if (!(touchIntervalMs >= 0 && touchIntervalMs <= touchMsMax)) {
      throw new RangeError(
        `touchIntervalMs is from 0 to a tenth of the idle timeout, not ${touchIntervalMs}`,
      );
    }
    this.#touchMs = touchIntervalMs;
  }

  /** When a session that begins now ends, used or not. */
  deadline(now: number): number {
    return now + this.#absoluteMs;
  }

  /** How much longer it lives unless it is used; zero or less: it has ended. */
  ttlMs({ deadline, usedAt }: Times, now: number): number {
    return Math.min(deadline, usedAt + this.#idleMs + this.#touchMs) - now;
  }

  /** Whether this use is to be written down. */
  isTouchDue({ usedAt }: Times, now: number): boolean {
    return now - usedAt >= this.#touchMs;
  }
}

const idleMsDefault = 30 * 60 * 1000;
const absoluteMsDefault = 12 * 60 * 60 * 1000;
const touchMsDefault = 1000;
