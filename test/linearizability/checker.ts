import { isAnswered, type Operation } from "./operation.ts";
import { UnplacedOperations } from "./unplaced-operations.ts";

/** What one object does, purely: the sequential specification that a history is held against. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after it, the same object if that is equal; undefined: from this state it cannot be answered so. Without an
   * output: whatever it does.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Equal for equal states, and for no others. */
  fingerprint(state: State): string;
  /** If answers tell their place: an answer of a lower rank never follows one of a higher. Spares orders that cannot be. */
  rank?(output: Output): number | undefined;
}

export type Verdict =
  | { readonly is: "ok" }
  /** No order explains the answers. */
  | { readonly is: "illegal"; readonly explanation: string }
  /** The budget was spent: as bad as illegal, since nothing is proved. */
  | { readonly is: "unknown" };

/** What a search may cost, in steps of the model and not in seconds: the verdict is the same on every machine. */
export const stepsMax = 2_000_000;

/**
 * Whether there is one order of all operations, each between its call and its return, in which the model answers as
 * was answered: Wing and Gong's search with Lowe's memory of configurations already visited.
 */
export function checkHistory<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  budget = stepsMax,
): Verdict {
  const search = new Search(model, history);
  for (let steps = 0; steps < budget; steps++) {
    const verdict = search.advance();
    if (verdict !== undefined) return verdict;
  }
  return { is: "unknown" };
}

/** One operation in the order tried so far, and what else could have stood there. */
interface Frame<State> {
  readonly state: State;
  readonly candidates: readonly number[];
  next: number;
  /** Which candidate was put here. */
  chosen: number;
}

/** The depth-first search, one step of the model at a time. */
class Search<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  /** What was answered by its call, then what may have happened by its call. */
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #unplaced: UnplacedOperations;
  readonly #frames: Frame<State>[] = [];
  readonly #visited = new Set<string>();
  #longest: { readonly order: readonly number[]; readonly state: State };

  constructor(model: Model<State, Input, Output>, history: readonly Operation<Input, Output>[]) {
    this.#model = model;
    const byCall = history.toSorted((one, other) => one.call - other.call);
    const answered = byCall.filter(isAnswered);
    this.#operations = [...answered, ...byCall.filter((operation) => !isAnswered(operation))];
    this.#unplaced = new UnplacedOperations(this.#operations, answered.length);
    this.#longest = { order: [], state: model.initial };
    this.#push(model.initial);
  }

  /** Tries one operation at the end of the order; answers when that decides. */
  advance(): Verdict | undefined {
    if (this.#unplaced.isAllAnswered) return { is: "ok" };
    const frame = this.#frames.at(-1);
    if (frame === undefined) return { is: "illegal", explanation: this.#explain() };
    const index = frame.candidates[frame.next++];
    if (index === undefined) {
      this.#takeBack();
      return undefined;
    }
    const { input, output } = this.#at(index);
    const state = this.#model.step(frame.state, input, output);
    if (state !== undefined) this.#place(frame, index, state);
    return undefined;
  }

  #place(frame: Frame<State>, index: number, state: State): void {
    const isUnchanged = state === frame.state;
    // What may have happened and would change nothing need not be put anywhere.
    if (isUnchanged && !isAnswered(this.#at(index))) return;
    // What changes nothing fits here in every order in which it fits later: those need not be tried.
    if (isUnchanged) frame.next = frame.candidates.length;
    this.#unplaced.place(index);
    const configuration = `${this.#unplaced.fingerprint()} ${this.#model.fingerprint(state)}`;
    if (this.#visited.has(configuration)) {
      this.#unplaced.takeBack(index);
      return;
    }
    this.#visited.add(configuration);
    frame.chosen = index;
    const { length } = this.#frames;
    if (length > this.#longest.order.length) {
      this.#longest = { order: this.#frames.map(({ chosen }) => chosen), state };
    }
    this.#push(state);
  }

  #takeBack(): void {
    this.#frames.pop();
    const frame = this.#frames.at(-1);
    if (frame !== undefined) this.#unplaced.takeBack(frame.chosen);
  }

  #push(state: State): void {
    this.#frames.push({ state, candidates: this.#candidates(), next: 0, chosen: -1 });
  }

  /**
   * Whatever was called before the first return still to come. What was answered is tried first, soonest return first: what may
   * have happened is put in only where the answers ask for it, and costs nothing elsewhere.
   */
  #candidates(): number[] {
    const found = this.#unplaced.candidates();
    const ranks = found.map((index) => this.#rankOf(index));
    const lowest = Math.min(...ranks.filter((rank) => rank !== undefined));
    return found
      .filter((_, at) => (ranks[at] ?? lowest) <= lowest)
      .sort((one, other) => compare(this.#at(one).return, this.#at(other).return));
  }

  #rankOf(index: number): number | undefined {
    const { output } = this.#at(index);
    return output === undefined ? undefined : this.#model.rank?.(output);
  }

  #explain(): string {
    const { order, state } = this.#longest;
    // Everything has been taken back by now.
    for (const index of order) this.#unplaced.place(index);
    const stuck = this.#candidates();
    const shown = order.slice(-prefixShown);
    return [
      `${order.length} of ${this.#operations.length} operations can be put in order, the last of them:`,
      ...shown.map((index) => `  ${told(this.#at(index))}`),
      `which leaves ${this.#model.fingerprint(state)}; then none of these can follow:`,
      ...stuck.map((index) => `  ${told(this.#at(index))}`),
    ].join("\n");
  }

  #at(index: number): Operation<Input, Output> {
    return this.#operations[index] as Operation<Input, Output>;
  }
}

const compare = (one: number, other: number): number => (one === other ? 0 : one < other ? -1 : 1);

function told({ client, call, return: end, input, output }: Operation<unknown, unknown>): string {
  const answer = output === undefined ? "may have happened" : inShort(output);
  return `client ${client} [${call}, ${end}] ${inShort(input)}: ${answer}`;
}

const inShort = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** Of the order found before it got stuck, what a reader looks at. */
const prefixShown = 8;
