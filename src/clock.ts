/** Time as the core sees it: injected, so that tests turn it by hand. */
export interface Clock {
  /** Unix time in milliseconds, with a fraction where the system has it. May step back; what must not is kept by its user. */
  now(): number;
  /** Runs `action` once after `ms` milliseconds; the timer alone does not keep the process alive. Answers how to cancel it. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    // setTimeout takes at most a signed 32-bit number of milliseconds, and fires at once beyond it.
    const timer = setTimeout(action, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
