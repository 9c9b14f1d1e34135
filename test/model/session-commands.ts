import fc from "fast-check";
import { expect } from "vitest";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import { somebodies } from "./session-arbitraries.ts";
import type { Operation } from "./session-calls.ts";
import { expectRight } from "./session-comparison.ts";
import type { SessionModel } from "./session-model.ts";
import {
  type Asked,
  create,
  get,
  remove,
  removeBySubject,
  rotate,
  touch,
  update,
} from "./session-operations.ts";
import { accept } from "./session-rules.ts";
import type { SessionSubject } from "./session-subject.ts";

type Command = fc.AsyncCommand<SessionModel, SessionSubject>;
type Step = (model: SessionModel, real: SessionSubject) => Promise<void>;

const command = (name: string, step: Step): Command => ({
  check: () => true,
  async run(model, real) {
    await step(model, real);
    await compare(model, real);
  },
  toString: () => name,
});

const calling = ({ name, toOperation }: Asked): Command =>
  command(name, (model, real) => perform(model, real, toOperation(model)));

export async function perform(
  model: SessionModel,
  real: SessionSubject,
  operation: Operation,
): Promise<void> {
  const outcome = await real.calls.perform(operation);
  expectRight(accept(model, operation, outcome));
}

const removeAll = fc.integer({ min: 1, max: 4 }).map((pageSize) =>
  command(`delete all, ${pageSize} a page`, async (model, { calls }) => {
    let pageToken = "";
    let deletedCount = 0;
    do {
      const page = await calls.call("deleteAll", { pageSize, pageToken });
      expect(page.deletedCount).toBeLessThanOrEqual(pageSize);
      deletedCount += page.deletedCount;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    const answer = { answer: { deletedCount, nextPageToken: "" } } as never;
    expectRight(accept(model, { method: "deleteAll", request: {} }, answer));
  }),
);

/** To the instant at which something changes by itself, or just before or after it. */
const passTo = fc
  .tuple(fc.constantFrom(0, 0, 0, 1, 2, 5), fc.constantFrom(-1, -0.5, 0, 0.5, 1))
  .map(([at, offset]) =>
    command(`to instant ${at} and ${offset} ms`, async (model, real) => {
      const instants = model.instants();
      const instant = (instants[at % Math.max(1, instants.length)] ?? model.now) + offset;
      if (instant > model.now) real.pass(instant - model.now);
      model.now = model.since = real.now();
    }),
  );

const pass = fc.constantFrom(1, 2, 90).map((ms) =>
  command(`${ms} ms pass`, async (model, real) => {
    real.pass(ms);
    model.now = model.since = real.now();
  }),
);

const sweep = fc.constant(command("sweep", sweepAll));

export async function sweepAll(model: SessionModel, real: SessionSubject): Promise<void> {
  await real.sweepTo(model.records());
  model.sweep();
}

const restart = fc.constant(command("restart", (_model, real) => real.restart()));

const weighed = fc.oneof(
  ...[create, touch, update, rotate].map((asked) => weighing(12, asked.map(calling))),
  ...[get.map(calling), passTo].map((arbitrary) => weighing(8, arbitrary)),
  ...[remove, removeBySubject].map((asked) => weighing(4, asked.map(calling))),
  ...[pass, sweep].map((arbitrary) => weighing(4, arbitrary)),
  ...[removeAll, restart].map((arbitrary) => weighing(1, arbitrary)),
);

function weighing(weight: number, arbitrary: fc.Arbitrary<Command>) {
  return { weight, arbitrary };
}

/** The whole life of sessions, in any order. */
export const sessionCommands = fc.commands([weighed], { maxCommands: 60, size: "max" });

/** All that can be read says what the model says. */
async function compare(model: SessionModel, real: SessionSubject): Promise<void> {
  for (const sessionId of model.issued) {
    await perform(model, real, { method: "get", request: { sessionId, peek: true } });
  }
  for (const whose of somebodies) {
    const request = { subject: whose };
    const sessions = await pagesOf((page) =>
      real.calls.call("listBySubject", { ...request, ...page }),
    );
    const answer = { answer: { sessions, nextPageToken: "" } } as never;
    expectRight(accept(model, { method: "listBySubject", request }, answer));
  }
  const sessions = await pagesOf((page) => real.calls.call("list", page));
  const answer = { answer: { sessions, nextPageToken: "" } } as never;
  expectRight(accept(model, { method: "list", request: {} }, answer));
}

async function pagesOf(
  read: (page: {
    pageSize: number;
    pageToken: string;
  }) => Promise<{ sessions: Session[]; nextPageToken: string }>,
): Promise<Session[]> {
  const found: Session[] = [];
  let pageToken = "";
  do {
    const page = await read({ pageSize: 2, pageToken });
    found.push(...page.sessions);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}
