import fc from "fast-check";
import { durationOf } from "../contracts/rpc-messages.ts";
import {
  creation,
  data,
  type IdChoice,
  idChoice,
  idOf,
  somebody,
  subject,
} from "./session-arbitraries.ts";
import type { Operation } from "./session-calls.ts";
import type { SessionModel } from "./session-model.ts";

/** A call that is known once it is made: which ids there are says the model. */
export interface Asked {
  readonly name: string;
  toOperation(model: SessionModel): Operation;
}

const calling = (name: string, toOperation: Asked["toOperation"]): Asked => ({
  name,
  toOperation,
});

const byId = (method: string, { opens, at }: IdChoice): string =>
  `${method} ${opens ? "open" : "any"} id ${at}`;

export const create = creation.map((operation) =>
  calling(`create ${JSON.stringify(operation.request, withoutBigint)}`, () => operation),
);

export const get = fc.tuple(idChoice, fc.boolean()).map(([id, peek]) =>
  calling(byId(peek ? "peek" : "get", id), (model) => ({
    method: "get",
    request: { sessionId: idOf(model, id), peek },
  })),
);

export const touch = idChoice.map((id) =>
  calling(byId("touch", id), (model) => ({
    method: "touch",
    request: { sessionId: idOf(model, id) },
  })),
);

const change = fc
  .tuple(fc.constantFrom("replace" as const, "mergePatch" as const), data)
  .map(([how, value]) => ({ case: how, value }));

const expecting = fc.constantFrom("any", "the", "an older", "a newer");

export const update = fc.tuple(idChoice, change, expecting).map(([id, changed, version]) =>
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

export const rotate = fc
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

export const remove = idChoice.map((id) =>
  calling(byId("delete", id), (model) => ({
    method: "delete",
    request: { sessionId: idOf(model, id) },
  })),
);

const which = fc.constantFrom("all" as const, "handle" as const, "allButHandle" as const);

export const removeBySubject = fc
  .tuple(somebody, which, fc.nat({ max: 9 }))
  .map(([whose, chosen, at]) =>
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

const withoutBigint = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? Number(value) : value;
