import fc from "fast-check";
import { expect } from "vitest";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import { durationOf } from "../contracts/rpc-messages.ts";
import {
  creation,
  data,
  type IdChoice,
  idChoice,
  idOf,
  somebody,
  subject,
  subjects,
} from "./session-arbitraries.ts";
import type { Operation } from "./session-calls.ts";
import type { SessionModel } from "./session-model.ts";
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

/** A call that is known once the step is reached. */
const calling = (name: string, toOperation: (model: SessionModel) => Operation): Command =>
  command(name, (model, real) => perform(model, real, toOperation(model)));

async function perform(
  model: SessionModel,
  real: SessionSubject,
  operation: Operation,
): Promise<void> {
  const outcome = await real.calls.perform(operation);
  expect(accept(model, operation, outcome), operation.method).toBeUndefined();
}

const byId = (method: string, { opens, at }: IdChoice): string =>
  `${method} ${opens ? "open" : "any"} id ${at}`;

const create = creation.map((operation) =>
  calling(`create ${JSON.stringify(operation.request, withoutBigint)}`, () => operation),
);

const get = fc.tuple(idChoice, fc.boolean()).map(([id, peek]) =>
  calling(byId(peek ? "peek" : "get", id), (model) => ({
    method: "get",
    request: { sessionId: idOf(model, id), peek },
  })),
);

const touch = idChoice.map((id) =>
  calling(byId("touch", id), (model) => ({
    method: "touch",
    request: { sessionId: idOf(model, id) },
  })),
);

const change = fc
  .tuple(fc.constantFrom("replace" as const, "mergePatch" as const), data)
  .map(([how, value]) => ({ case: how, value }));

const expecting = fc.constantFrom("any", "the", "an older", "a newer");

const update = fc.tuple(idChoice, change, expecting).map(([id, changed, version]) =>
  calling(`${byId("update", id)} ${JSON.stringify(changed)} of ${version} version`, (model) => {
    const sessionId = idOf(model, id);
    const there = model.open(sessionId)?.session.version ?? 7n;
    const expectedVersion = { any: 0n, the: there, "an older": there - 1n, "a newer": there + 1n };
    const request = { sessionId, change: changed, expectedVersion: expectedVersion[version] ?? 0n };
    return { method: "update", request };
  }),
);

const rotation = fc.oneof(
  fc.record({ grace: fc.constantFrom(undefined, 0, 1, 10, 5000, 60_000) }),
  fc.record({ subject, grace: fc.constantFrom(undefined, undefined, 0, 10) }),
);

const rotate = fc
  .tuple(idChoice, rotation, fc.option(data, { nil: undefined }))
  .map(([id, { grace, ...login }, mergePatch]) =>
    calling(
      `${byId("rotate", id)} ${JSON.stringify({ grace, ...login, mergePatch })}`,
      (model) => ({
        method: "rotate",
        request: {
          ...{ sessionId: idOf(model, id), ...login },
          ...(grace === undefined ? {} : { grace: durationOf(grace) }),
          ...(mergePatch && { mergePatch }),
        },
      }),
    ),
  );

const remove = idChoice.map((id) =>
  calling(byId("delete", id), (model) => ({
    method: "delete",
    request: { sessionId: idOf(model, id) },
  })),
);

const which = fc.constantFrom("all" as const, "handle" as const, "allButHandle" as const);

const removeBySubject = fc.tuple(somebody, which, fc.nat({ max: 9 })).map(([whose, chosen, at]) =>
  calling(`delete ${chosen} of ${whose}, ${at}`, (model) => {
    const all = model.live();
    const handle = all[at % Math.max(1, all.length)]?.handle ?? "no-such-handle";
    const value = chosen === "all" ? true : handle;
    return {
      method: "deleteBySubject",
      request: { subject: whose, which: { case: chosen, value } as never },
    };
  }),
);

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
    expect(accept(model, { method: "deleteAll", request: {} }, answer)).toBeUndefined();
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
  ...[create, touch, update, rotate].map((arbitrary) => ({ weight: 12, arbitrary })),
  ...[get, passTo].map((arbitrary) => ({ weight: 8, arbitrary })),
  ...[remove, removeBySubject, pass, sweep].map((arbitrary) => ({ weight: 4, arbitrary })),
  ...[removeAll, restart].map((arbitrary) => ({ weight: 1, arbitrary })),
);

/** The whole life of sessions, in any order. */
export const sessionCommands = fc.commands([weighed], { maxCommands: 60, size: "max" });

/** All that can be read says what the model says. */
async function compare(model: SessionModel, real: SessionSubject): Promise<void> {
  for (const sessionId of model.issued) {
    await perform(model, real, { method: "get", request: { sessionId, peek: true } });
  }
  for (const whose of subjects.slice(1)) {
    const request = { subject: whose };
    const sessions = await pagesOf((page) =>
      real.calls.call("listBySubject", { ...request, ...page }),
    );
    const answer = { answer: { sessions, nextPageToken: "" } } as never;
    expect(accept(model, { method: "listBySubject", request }, answer)).toBeUndefined();
  }
  const sessions = await pagesOf((page) => real.calls.call("list", page));
  const answer = { answer: { sessions, nextPageToken: "" } } as never;
  expect(accept(model, { method: "list", request: {} }, answer)).toBeUndefined();
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

const withoutBigint = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? Number(value) : value;
