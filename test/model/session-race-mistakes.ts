import { AtLimit } from "#gen/tiffin/session/v1/session_pb.ts";
import type { ListBySubjectResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { limitExceeded, TiffinError } from "../../src/errors.ts";
import { digestOf } from "../../src/session/session-id.ts";
import { decodeSession } from "../../src/session/session-record.ts";
import { changed, type Found, findSession, put, remove, write } from "./session-found.ts";
import { type Alteration, altering, isOf } from "./session-mistakes.ts";

/** Rooms that do right as long as nothing else happens: they read, and write whatever happened meanwhile. */
export const raceMistakes: Readonly<Record<string, Alteration>> = {
  "an update writes back the session it had read": altering((inner, store) => ({
    async update(request, context) {
      const found = await findSession(store, request.sessionId);
      try {
        return await inner.update(request, context);
      } catch (error) {
        if (!isOf(error, "session_not_found") || found === undefined) throw error;
        await write(store, put(found.session), put(found.finder));
        throw error;
      }
    },
  })),
  "an update compares the version before it writes": altering((inner) => ({
    async update(request, context) {
      const { sessionId, expectedVersion } = request;
      if (expectedVersion !== 0n) {
        const peeked = await inner.get({ sessionId, peek: true } as never, context);
        if (peeked.session?.version !== expectedVersion) {
          throw new TiffinError("precondition_failed", "another version");
        }
      }
      return inner.update({ ...request, expectedVersion: 0n }, context);
    },
  })),
  "a touch writes the end it had worked out": altering((inner, store) => ({
    async touch(request, context) {
      const answer = await inner.touch(request, context);
      const found = await findSession(store, request.sessionId);
      if (found === undefined) return answer;
      const { session } = found;
      await findSession(store, request.sessionId); // time goes by
      await write(store, { op: "setExpiry", key: session.key, expireAt: session.expireAt ?? 0 });
      return answer;
    },
  })),
  "a rotation that came too late wins as well": altering((inner, store) => {
    const newest = new Map<string, string>();
    return {
      async rotate(request, context) {
        const found = await findSession(store, request.sessionId);
        const isCurrent = found !== undefined && isCurrentId(found, request.sessionId);
        const rotate = async (sessionId: string): Promise<{ sessionId: string }> =>
          (await inner.rotate({ ...request, sessionId }, context)) as { sessionId: string };
        const answer = await rotate(request.sessionId).catch((error: unknown) => {
          const next = newest.get(request.sessionId);
          if (!isOf(error, "session_already_rotated") || !isCurrent || !next) throw error;
          return rotate(next);
        });
        newest.set(request.sessionId, answer.sessionId);
        return answer as never;
      },
    };
  }),
  "a deletion deletes what it had found": altering((inner, store) => ({
    async delete(request, context) {
      const found = await findSession(store, request.sessionId);
      if (found === undefined) return inner.delete(request, context);
      await findSession(store, request.sessionId); // time goes by
      const records = [found.session, ...found.finders];
      await write(store, ...records.map((entry) => remove(entry)));
      return {};
    },
  })),
};

/** A room that counts a subject's sessions before it creates one more. */
export const countsTooSoon: Alteration = altering((inner, store) => ({
  async create(request, context) {
    const { subject, policy } = request;
    if (subject === "" || policy?.atLimit !== AtLimit.REFUSE) return inner.create(request, context);
    const listing = await inner.listBySubject(
      { subject, pageSize: 0, pageToken: "" } as never,
      context,
    );
    const { length } = (listing as ListBySubjectResponse).sessions;
    const subjectMax = policy.subjectSessionsMax;
    if (length >= subjectMax) throw limitExceeded("sessions", subjectMax, length + 1);
    const unlimited = { ...policy, subjectSessionsMax: 500 };
    const answer = await inner.create({ ...request, policy: unlimited }, context);
    const found = await findSession(store, (answer as { sessionId: string }).sessionId);
    if (found === undefined) return answer;
    const granted = decodeSession(found.session.value).policy;
    await write(store, changed(found, { policy: { ...granted, subjectMax } }));
    return answer;
  },
}));

const isCurrentId = ({ session }: Found, sessionId: string): boolean =>
  decodeSession(session.value).ids[0]?.digest === digestOf(sessionId);
