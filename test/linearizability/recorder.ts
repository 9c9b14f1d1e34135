import { setImmediate } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import type { Call, KeyValueClient } from "./calls.ts";
import type { Input, Output, Seen } from "./keys-model.ts";
import type { Link } from "./link.ts";
import type { Operation } from "./operation.ts";

/** What is done to a call, so many turns of the event loop after it was made. */
export interface Fault {
  readonly is: "none" | "cancelled" | "cut" | "answer lost";
  readonly turns: number;
}

/** One client with a connection of its own. */
export interface RecordedClient {
  readonly name: number;
  readonly kv: KeyValueClient;
  readonly link: Link;
  /** After so long it gives a call up. */
  readonly deadlineMs: number;
  /** Begins anew after a cut: gRPC would wait longer and longer before it connects again. */
  renew(): void;
}

/** Writes down every call and its answer in the order in which they happened. */
export class Recorder {
  readonly history: Operation<Input, Output>[] = [];
  /** What was last told of each key: versions and values to make conditions of. */
  readonly told = new Map<string, Seen>();
  /** How often each kind of ending came: a test makes sure that the rare ones did. */
  readonly endings = { answered: 0, refused: 0, unknown: 0, repeated: 0, dropped: 0 };
  #time = 0;
  #ended = false;
  readonly #waiting = new Set<{ readonly until: number; resolve(): void }>();

  /** Makes the call, under the fault if there is one. */
  async record(client: RecordedClient, call: Call, fault: Fault = noFault): Promise<void> {
    const { name } = client;
    const { input } = call;
    const began = this.#time++;
    const ending = await this.#attempt(client, call, fault);
    this.#write({ client: name, call: began, input }, ending);
  }

  /** The same, and once more after an answer that did not come: the two are one operation, since they have one request id. */
  async recordRepeated(client: RecordedClient, call: Call, fault: Fault): Promise<void> {
    const { name } = client;
    const began = this.#time++;
    let ending = await this.#attempt(client, call, fault);
    if (ending === "unknown") {
      this.endings.repeated++;
      ending = await this.#attempt(client, call, noFault);
    }
    this.#write({ client: name, call: began, input: call.input }, ending);
  }

  /** When so many operations more have ended, or all. */
  async laterBy(operations: number): Promise<void> {
    if (this.#ended || operations === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add({ until: this.history.length + operations, resolve });
    await promise;
  }

  /** Nothing more is recorded that anybody would wait for. */
  end(): void {
    this.#ended = true;
    for (const { resolve } of this.#waiting) resolve();
  }

  async #attempt(client: RecordedClient, { input, run }: Call, fault: Fault): Promise<Ending> {
    const { kv, link, deadlineMs } = client;
    const cancel = new AbortController();
    if (fault.is === "answer lost") link.loseAnswers();
    const running = run(kv, { signal: cancel.signal, timeoutMs: deadlineMs }).catch(
      (error: unknown) => endingOf(error, input),
    );
    if (fault.is === "cancelled" || fault.is === "cut") {
      for (let turn = 0; turn < fault.turns; turn++) await setImmediate();
      if (fault.is === "cut") link.cut();
      else cancel.abort();
    }
    const ending = await running;
    if (fault.is === "answer lost") link.cut();
    if (fault.is === "answer lost" || fault.is === "cut") client.renew();
    return ending;
  }

  #write(begun: Begun, ending: Ending): void {
    const isRead = begun.input.effects.length === 0;
    if (ending === "no effect" || (ending === "unknown" && isRead)) {
      this.endings.dropped++;
      return;
    }
    if (ending === "unknown") {
      this.endings.unknown++;
      this.history.push({ ...begun, return: Number.POSITIVE_INFINITY, output: undefined });
    } else this.#writeAnswer(begun, ending);
    this.#wake();
  }

  #writeAnswer(begun: Begun, output: Output): void {
    this.endings[output.held ? "answered" : "refused"]++;
    this.history.push({ ...begun, return: this.#time++, output });
    for (const [key, seen] of Object.entries(output.before ?? {})) {
      if (seen !== null) this.told.set(key, seen);
    }
  }

  #wake(): void {
    for (const waiting of this.#waiting) {
      if (waiting.until > this.history.length) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

type Begun = Pick<Operation<Input, Output>, "client" | "call" | "input">;
type Ending = Output | "unknown" | "no effect";

/** What a failure tells of what happened; what no client is to see here fails the test. */
function endingOf(thrown: unknown, { guard, name }: Input): Ending {
  const error = ConnectError.from(thrown);
  const [info] = error.findDetails(ErrorInfoSchema);
  if (info?.reason === "PRECONDITION_FAILED" && guard !== undefined) {
    return { held: false, versions: { [guard.key]: Number(info.metadata["actual"]) } };
  }
  if (info?.reason === "CONTENTION") return "no effect";
  if (mayHaveHappened.has(error.code)) return "unknown";
  throw new Error(`${name} failed as nothing may here`, { cause: error });
}

const mayHaveHappened = new Set([Code.DeadlineExceeded, Code.Unavailable, Code.Canceled]);
const noFault: Fault = { is: "none", turns: 0 };

/** Short for a test that loses answers, and too short for a machine that is busy. */
export const hastyMs = 200;
/** Whatever else the machine does: what nothing is done to is answered. */
export const patientMs = 60_000;
