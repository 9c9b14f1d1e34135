import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect } from "vitest";
import type { PolicySchema, Session } from "#gen/tiffin/session/v1/session_pb.ts";
import type { CreateRequestSchema } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { decodeFinder, encodeFinder } from "../../src/session/finder.ts";
import { digestOf, newHandle, newSessionId } from "../../src/session/session-id.ts";
import { decodeSession, encodeSession } from "../../src/session/session-record.ts";
import { finderKey, subjectRoot } from "../../src/session/session-spaces.ts";
import type { ByteString } from "../../src/store/byte-string.ts";
import { child, type Key, partsOf, type Range } from "../../src/store/key.ts";
import type { Entry, Store } from "../../src/store/store.ts";
import { quiet } from "../support/settle.ts";
import { durationOf, type Failure, failureOf, msOf } from "./rpc-messages.ts";
import type { RpcSubject } from "./rpc-subject.ts";

export type CreateInit = MessageInitShape<typeof CreateRequestSchema>;
export type PolicyInit = MessageInitShape<typeof PolicySchema>;

export const minute = 60_000;
export const hour = 60 * minute;

/** How every call answers to an id that opens nothing. */
export const notFound = {
  code: Code.NotFound,
  reason: "SESSION_NOT_FOUND",
  metadata: {},
  fields: [],
};
export const alreadyRotated = {
  code: Code.FailedPrecondition,
  reason: "SESSION_ALREADY_ROTATED",
  metadata: {},
  fields: [],
};

/** Uses are written down at once, so that times are exact. */
export const exact = { touchInterval: durationOf(0) };

/** A new session, and the id that opens it. */
export async function created(
  { sessions }: Pick<RpcSubject, "sessions">,
  request: CreateInit = {},
  tenant = "default",
): Promise<{ readonly id: string; readonly session: Session }> {
  const headers = { "tiffin-tenant": tenant };
  const { sessionId, session } = await sessions.create(request, { headers });
  if (session === undefined) throw new Error("no session was answered");
  return { id: sessionId, session };
}

/** The session as somebody sees it who is not its user. */
export async function peeked(
  { sessions }: Pick<RpcSubject, "sessions">,
  sessionId: string,
): Promise<Session> {
  const { session } = await sessions.get({ sessionId, peek: true });
  if (session === undefined) throw new Error("no session was answered");
  return session;
}

/** How each of the calls failed, all of them made at once. */
export const failuresOf = (calls: readonly Promise<unknown>[]): Promise<Failure[]> =>
  Promise.all(calls.map(failureOf));

/** Whether the id opens a session, without touching it. */
export async function opens(
  { sessions }: Pick<RpcSubject, "sessions">,
  sessionId: string,
): Promise<boolean> {
  return sessions.get({ sessionId, peek: true }).then(
    () => true,
    () => false,
  );
}

/** Its times in milliseconds. */
export const timesOf = (session: Session | undefined) => ({
  created: msOf(session?.createTime),
  used: msOf(session?.lastActiveTime),
  idle: msOf(session?.idleExpireTime),
  absolute: msOf(session?.absoluteExpireTime),
  renew: msOf(session?.renewTime),
});

/** Every record of the store that is alive, of the space. */
export async function recordsOf(store: Store, space: string): Promise<Entry[]> {
  const all: Entry[] = [];
  const whole: Range = { start: "" as Key, end: "\xff" as Key };
  let after: Key | undefined;
  do {
    const page = await store.page(whole, { limit: 1000, ...(after && { after }) });
    all.push(...page.entries.filter(({ key }) => partsOf(key)[1] === space));
    after = page.next;
  } while (after !== undefined);
  return all;
}

/**
 * That sessions and finders agree: every live session is found by each id that opens it and by no other, every finder leads to a
 * session of its tenant that knows the id, and none outlives its session or its grace.
 */
export async function expectSound(store: Store): Promise<void> {
  const expected: unknown[] = [];
  for (const { key, value, expireAt = Infinity } of await recordsOf(store, "session")) {
    const [tenant, , subject, handle] = partsOf(key);
    for (const { digest, untilMs } of decodeSession(value as ByteString).ids) {
      if (untilMs !== 0 && untilMs <= store.now()) continue;
      const until = untilMs === 0 ? expireAt : Math.min(untilMs, expireAt);
      expected.push([tenant, digest, handle, subject, until]);
    }
  }
  const finders = (await recordsOf(store, "session-id")).map(({ key, value, expireAt }) => {
    const [tenant, , digest] = partsOf(key);
    const { handle, subject } = decodeFinder(value as ByteString);
    return [tenant, digest, handle, subject, expireAt];
  });
  const byDigest = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1);
  expect(finders.toSorted(byDigest)).toEqual(expected.toSorted(byDigest));
}

/** How many records there are of sessions and of their ids, those that have expired and are not swept yet included. */
export async function storedRecords(store: Store): Promise<{ sessions: number; finders: number }> {
  const roots = await store.roots({ start: "" as Key, end: "\xff" as Key }, 1000);
  const of = (space: string): number =>
    roots
      .filter(({ root }) => partsOf(root)[1] === space)
      .reduce((sum, { records }) => sum + records, 0);
  return { sessions: of("session"), finders: of("session-id") };
}

/** More sessions of the one subject there is, as an import into a tenant brings those it had elsewhere. */
export async function bring(store: Store, count: number): Promise<void> {
  const [entry] = await recordsOf(store, "session");
  if (entry === undefined) throw new Error("there is none to go by");
  const [tenant = 0, , subject = ""] = partsOf(entry.key);
  const record = decodeSession(entry.value as ByteString);
  const { expireAt = "none" } = entry;
  for (let each = 0; each < count; each++) {
    const [digest, handle] = [digestOf(newSessionId()), newHandle()];
    const session = encodeSession({ ...record, ids: [{ digest, untilMs: 0 }] });
    const finder = encodeFinder({ handle, subject: String(subject) });
    const records = [
      [child(subjectRoot(Number(tenant), String(subject)), handle), session],
      [finderKey(Number(tenant), digest), finder],
    ] as const;
    await store.commit({
      expect: [],
      mutations: records.map(([key, value]) => ({ op: "put", key, value, expireAt })),
    });
  }
}

/** The store's head: the revision of its last commit. */
export async function headOf({ store }: Pick<RpcSubject, "store">): Promise<number> {
  return (await store.get([])).head;
}

/** Lets one sweep go by, and all that it waits for. */
export async function sweep({ clock, store }: Pick<RpcSubject, "clock" | "store">): Promise<void> {
  // A sweep that began while the clock was turned last must be over, or it is the one that this waits for.
  await quiet();
  clock.advance(sweepEveryMs);
  await quiet();
  // Behind it in the lane, so that what it swept is swept.
  await store.commit({ expect: [], mutations: [] });
  await quiet();
}

/** As the sweeper has it. */
const sweepEveryMs = 100;
