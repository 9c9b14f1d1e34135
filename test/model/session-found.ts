import { decodeFinder } from "../../src/session/finder.ts";
import { digestOf } from "../../src/session/session-id.ts";
import {
  decodeSession,
  encodeSession,
  type SessionRecord,
} from "../../src/session/session-record.ts";
import { finderKey } from "../../src/session/session-spaces.ts";
import type { ByteString } from "../../src/store/byte-string.ts";
import { key, partsOf, within } from "../../src/store/key.ts";
import type { Entry, Mutation, Store } from "../../src/store/store.ts";

/** The records of a session, found past the room. */
export interface Found {
  readonly session: Entry<ByteString>;
  readonly finder: Entry<ByteString>;
  /** Of all its ids. */
  readonly finders: readonly Entry<ByteString>[];
}

export async function findSession(store: Store, sessionId: string): Promise<Found | undefined> {
  const { entries } = await store.page(within(key()), { limit: 1000 });
  const find = (...wanted: string[]): Entry<ByteString> | undefined =>
    (entries as Entry<ByteString>[]).find(({ key: found }) => {
      const [, ...parts] = partsOf(found);
      return parts.length === wanted.length && wanted.every((part, at) => part === parts[at]);
    });
  const finder = find("session-id", digestOf(sessionId));
  if (finder === undefined) return undefined;
  const { subject, handle } = decodeFinder(finder.value);
  const session = find("session", subject, handle);
  if (session === undefined) return undefined;
  const { ids } = decodeSession(session.value);
  const finders = ids.flatMap(({ digest }) => find("session-id", digest) ?? []);
  return { session, finder, finders };
}

/** Past the room, and whatever happened meanwhile. */
export async function write(store: Store, ...mutations: readonly Mutation[]): Promise<void> {
  await store.commit({ expect: [], mutations });
}

export const put = ({ key: written, value, expireAt = "none" as never }: Entry): Mutation => ({
  op: "put",
  key: written,
  value,
  expireAt,
});

export const remove = ({ key: removed }: Entry, why = "logout"): Mutation => ({
  ...{ op: "delete", key: removed, reason: "deleted" },
  why,
});

/** The session with something else in its record. */
export const changed = ({ session }: Found, change: Partial<SessionRecord>): Mutation => {
  const record = { ...decodeSession(session.value), ...change };
  return put({ ...session, value: encodeSession(record) });
};

/** Has an id open the session that did so before. */
export async function keepId(store: Store, found: Found, sessionId: string): Promise<void> {
  const [tenant] = partsOf(found.finder.key) as [number];
  const digest = digestOf(sessionId);
  const former = { digest, untilMs: Math.ceil(store.now()) + 10_000 };
  const { ids } = decodeSession(found.session.value);
  const finder = { ...found.finder, key: finderKey(tenant, digest) };
  await write(store, changed(found, { ids: [...ids, former] }), put(finder));
}
