import type { WatchResponse } from "#gen/tiffin/session/v1/watch_pb.ts";
import { EndReason, type Event, EventType } from "#gen/tiffin/session/v1/watch_pb.ts";
import { TiffinError } from "../../src/errors.ts";
import type { Store } from "../../src/store/store.ts";
import type { SessionCallsOptions, SessionImplementation } from "./session-calls.ts";
import { findSession, keepId, put, write } from "./session-found.ts";

type Whole = Required<SessionImplementation>;

export type Alteration = Exclude<SessionCallsOptions["alter"], undefined>;

export const altering =
  (altered: (inner: Whole, store: Store) => SessionImplementation): Alteration =>
  (inner, store) => ({ ...inner, ...altered(inner as Whole, store) });

/** Rooms that do wrong, one call after another as well as at the same time. */
export const mistakes: Readonly<Record<string, Alteration>> = {
  "an update creates": altering((inner) => ({
    async update(request, context) {
      try {
        return await inner.update(request, context);
      } catch (error) {
        if (!isOf(error, "session_not_found")) throw error;
        const creation = { subject: "", data: request.change.value ?? {} };
        return inner.create(creation as never, context) as never;
      }
    },
  })),
  "an update that expected another version uses the session": altering((inner) => ({
    async update(request, context) {
      if (request.expectedVersion !== 0n) await inner.get(request as never, context);
      return inner.update(request, context);
    },
  })),
  "a peek touches": altering((inner) => ({
    get: (request, context) => inner.get({ ...request, peek: false }, context),
  })),
  "a touch shortens": altering((inner, store) => ({
    async touch(request, context) {
      const answer = await inner.touch(request, context);
      const found = await findSession(store, request.sessionId);
      const expireAt = (found?.session.expireAt ?? 0) - 1;
      if (found) await write(store, { op: "setExpiry", key: found.session.key, expireAt });
      return answer;
    },
  })),
  "a plain rotation changes the version": altering((inner) => ({
    async rotate(request, context) {
      const answer = await inner.rotate(request, context);
      const { sessionId } = answer as { sessionId: string };
      const change = { case: "mergePatch", value: {} };
      await inner.update({ sessionId, change, expectedVersion: 0n } as never, context);
      return answer;
    },
  })),
  "a login keeps a former id": altering((inner, store) => ({
    async rotate(request, context) {
      const answer = await inner.rotate(request, context);
      const found = await findSession(store, (answer as { sessionId: string }).sessionId);
      if (found && request.subject !== undefined) await keepId(store, found, request.sessionId);
      return answer;
    },
  })),
  "a rotation of an id in its grace succeeds": altering((inner) => {
    const newest = new Map<string, string>();
    return {
      async rotate(request, context) {
        const sessionId = newest.get(request.sessionId) ?? request.sessionId;
        const answer = await inner.rotate({ ...request, sessionId }, context);
        newest.set(request.sessionId, (answer as { sessionId: string }).sessionId);
        return answer;
      },
    };
  }),
  "a deletion leaves what leads there": altering((inner, store) => ({
    async delete(request, context) {
      const found = await findSession(store, request.sessionId);
      const answer = await inner.delete(request, context);
      if (found !== undefined) await write(store, put(found.finder));
      return answer;
    },
  })),
  "a creation forgets its subject's limit": altering((inner) => ({
    create(request, context) {
      const policy = request.policy && { ...request.policy, subjectSessionsMax: 0 };
      return inner.create({ ...request, ...(policy && { policy }) }, context);
    },
  })),
  "a list is an old one": altering((inner) => {
    let last: Awaited<ReturnType<Whole["list"]>> | undefined;
    return {
      async list(request, context) {
        const before = last;
        last = await inner.list(request, context);
        return before ?? last;
      },
    };
  }),
  "a watch keeps rotations to itself": tellingOtherwise((event) =>
    event.type === EventType.ROTATED ? [] : [event],
  ),
  "a watch takes a logout for an expiry": tellingOtherwise((event) => [
    event.endReason === EndReason.LOGOUT ? { ...event, endReason: EndReason.IDLE } : event,
  ]),
};

function tellingOtherwise(alter: (event: Event) => Event[]): Alteration {
  return altering((inner) => ({
    async *watch(request, context) {
      for await (const message of inner.watch(request, context) as AsyncIterable<WatchResponse>) {
        yield { ...message, events: message.events.flatMap(alter) };
      }
    },
  }));
}

export const isOf = (error: unknown, kind: string): boolean =>
  error instanceof TiffinError && error.kind === kind;
