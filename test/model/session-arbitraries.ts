import type { JsonObject } from "@bufbuild/protobuf";
import fc from "fast-check";
import { durationOf } from "../contracts/rpc-messages.ts";
import type { OperationOf } from "./session-calls.ts";
import type { SessionModel } from "./session-model.ts";

/** Of whom there are sessions. */
export const somebodies = ["a", "b\u{1f600}"] as const;
export const somebody = fc.constantFrom(...somebodies);
/** Or nobody. */
export const subject = fc.constantFrom("", ...somebodies);

export const data: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  {},
  { a: 1 },
  { a: { b: [1, null], c: "x" } },
  { a: { c: null, d: true }, b: null },
  { a: null },
  JSON.parse('{"__proto__":{"e":1}}') as JsonObject,
);

const touchInterval = (idleMs: number) =>
  fc.constantFrom(undefined, 0, Math.floor(idleMs / 20), Math.floor(idleMs / 10));

/** Short, so that everything ends within the few steps of a run; the absolute timeout is often just beyond the idle timeout. */
const timeouts = fc.constantFrom(1, 25, 1000, 20_000).chain((idleMs) =>
  fc.record({
    idleTimeout: fc.constant(durationOf(idleMs)),
    touchInterval: durations(touchInterval(idleMs)),
    absoluteTimeout: durations(
      fc.constantFrom(undefined, idleMs, idleMs + 1, Math.ceil(idleMs * 1.1), idleMs * 3),
    ),
    renewalInterval: durations(fc.constantFrom(undefined, undefined, 1, idleMs)),
  }),
);

function durations(ms: fc.Arbitrary<number | undefined>) {
  return ms.map((value) => (value === undefined ? undefined : durationOf(value)));
}

const policy = fc
  .tuple(timeouts, fc.constantFrom(0, 1, 2, 3), fc.constantFrom(0, 1, 2, 2))
  .map(([times, subjectSessionsMax, atLimit]) => ({
    ...withoutUndefined(times),
    ...{ subjectSessionsMax, atLimit },
  }));

const withoutUndefined = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const client = fc.constantFrom(
  {},
  { client: { ipAddress: "192.0.2.1", userAgent: "Browser/1", deviceName: "" } },
);

export const creation: fc.Arbitrary<OperationOf<"create">> = fc
  .tuple(subject, data, fc.option(policy, { nil: {} }), client)
  .map(([whose, kept, asked, from]) => ({
    method: "create",
    request: { subject: whose, data: kept, policy: asked, ...from },
  }));

/** Which of the ids that were ever answered: one that opens something, or any. */
export interface IdChoice {
  readonly opens: boolean;
  readonly at: number;
}

export const idChoice: fc.Arbitrary<IdChoice> = fc.record({
  opens: fc.constantFrom(true, true, true, false),
  at: fc.nat({ max: 30 }),
});

export function idOf(model: SessionModel, { opens, at }: IdChoice): string {
  const issued = [...model.issued];
  const open = issued.filter((id) => model.open(id) !== undefined);
  const among = opens && open.length > 0 ? open : issued;
  return among[at % among.length] ?? "no-such-id";
}
