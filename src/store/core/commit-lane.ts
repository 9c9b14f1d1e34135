import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import { throwIfLate, throwIfOver, whenOver } from "../call-end.ts";
import type { Engine } from "../engine.ts";
import type { Call, Commit, EngineOutcome, Outcome } from "../store.ts";
import { nextTurn } from "./next-turn.ts";

interface Waiting {
  readonly commit: Commit;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
  /** Stops watching for the caller's end. */
  settle(): void;
}

/**
 * The one way into the engine for writes: commits in the order they came, one `apply` in flight, all that
 * queued meanwhile in the next batch. That is what makes revision order commit order, and groups durable commits.
 */
export class CommitLane {
  readonly #engine: Engine;
  readonly #clock: Clock;
  /** Whether each batch waits for a disk, however large it is: then it pays to wait a turn for those about to come. */
  readonly #gathers: boolean;
  #waiting: Waiting[] = [];
  #busy = false;
  #closed = false;
  readonly #idle = Promise.withResolvers<void>();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#gathers = engine.capabilities.durable === "power";
  }

  /** What became of the commit. Leaves the queue when the call ends; once handed to the engine, its outcome stands. */
  submit(commit: Commit, call: Call | undefined): Promise<Outcome> {
    if (this.#closed)
      return Promise.reject(new TiffinError("shutting_down", "the store is closing"));
    if (call !== undefined) throwIfLate(call, this.#clock.now());
    if (this.#busy || this.#gathers) return this.#queue(commit, call);
    this.#busy = true;
    return this.#applyAlone(commit);
  }

  /** Lets what is queued finish, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#busy) await this.#idle.promise;
  }

  /** The path without a queue: nobody else is writing. */
  #applyAlone(commit: Commit): Promise<Outcome> {
    return this.#apply([commit]).then((outcomes) => {
      this.#next();
      return answered(outcomes[0]);
    });
  }

  #queue(commit: Commit, call: Call | undefined): Promise<Outcome> {
    if (call !== undefined) throwIfOver(call, this.#clock.now());
    const { queue } = this.#engine.limits;
    if (this.#waiting.length >= queue) {
      throw new TiffinError("overloaded", `${queue} commits are waiting already`, {
        metadata: { limit: "queue", max: String(queue) },
        retryAfterMs: 100,
      });
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { commit, resolve, reject, settle: () => stop() };
      const stop = whenOver(call, this.#clock, (error) => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(error);
      });
      this.#waiting.push(waiting);
      if (this.#busy) return;
      this.#busy = true;
      this.#next();
    });
  }

  /**
   * Those who have just been answered may have more to write, but come some microtasks later: without the turn, the first
   * of them would be a batch alone, with a sync of its own, and so every other batch.
   */
  #next(): void {
    if (this.#gathers) void nextTurn().then(() => this.#applyWaiting());
    else this.#applyWaiting();
  }

  #applyWaiting(): void {
    if (this.#waiting.length > 0) {
      void this.#applyBatch(this.#waiting.splice(0, batchMax)).finally(() => this.#next());
      return;
    }
    this.#busy = false;
    if (this.#closed) this.#idle.resolve();
  }

  async #applyBatch(batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) waiting.settle();
    const outcomes = await this.#apply(batch.map((waiting) => waiting.commit));
    for (const [index, waiting] of batch.entries()) {
      // What they do with their answers is done in this turn: hundreds of them at once would hold up everybody else.
      if (index > 0 && index % answersPerTurn === 0) await nextTurn();
      try {
        waiting.resolve(answered(outcomes[index]));
      } catch (error) {
        waiting.reject(error);
      }
    }
  }

  #apply(batch: readonly Commit[]): Promise<(EngineOutcome | TiffinError)[]> {
    return this.#tryApply(batch).catch((cause: unknown) => this.#findOut(batch, cause));
  }

  /** What an engine throws where it should reject is a rejection too: the lane goes on all the same. */
  #tryApply(batch: readonly Commit[]): Promise<EngineOutcome[]> {
    try {
      return this.#engine.apply(batch);
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  /** What writes is looked up and never tried again; what only checks has happened nowhere, so it is tried once more. */
  async #findOut(
    batch: readonly Commit[],
    cause: unknown,
  ): Promise<(EngineOutcome | TiffinError)[]> {
    const checks = batch.filter(onlyChecks);
    const checked = checks.length === 0 ? [] : await this.#tryApply(checks).catch(() => []);
    return Promise.all(
      batch.map((commit) => checked[checks.indexOf(commit)] ?? this.#lookUp(commit, cause)),
    );
  }

  /** The engine does not know what happened to the call; it may know what happened to the commit. */
  async #lookUp(commit: Commit, cause: unknown): Promise<EngineOutcome | TiffinError> {
    try {
      const outcome = await this.#engine.outcome(commit.id);
      if (outcome !== "unknown" && saysEnough(outcome, commit)) return outcome;
    } catch {
      // The engine cannot be asked either: the first failure says more than this one.
    }
    return new TiffinError(
      "outcome_unknown",
      "the store did not answer whether the write happened, or over what",
      { cause },
    );
  }
}

const onlyChecks = ({ mutations }: Commit): boolean => mutations.length === 0;

/** An engine that does not remember what was there before does not say that there was nothing. */
const saysEnough = (outcome: EngineOutcome, { wantPrevious }: Commit): boolean =>
  wantPrevious !== true || !("revision" in outcome) || outcome.previous !== undefined;

function answered(outcome: EngineOutcome | TiffinError | undefined): Outcome {
  if (outcome === undefined)
    throw new TiffinError("internal", "the engine answered too few outcomes");
  if (outcome instanceof TiffinError) throw outcome;
  if ("refused" in outcome) throw outcome.refused;
  return outcome;
}

/** Commits in one batch: enough to make group commit pay, few enough that nobody waits long behind it. */
const batchMax = 500;
const answersPerTurn = 32;
