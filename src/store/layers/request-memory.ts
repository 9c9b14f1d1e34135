/**
 * Requests that carry an id are applied at most once (AIP-155): a digest of the request and its answer are stored in
 * the same commit as the effect, for ten minutes, and a repeat is answered from there.
 */
import { TiffinError } from "../../errors.ts";
import { type ByteString, byteStringCodec, fromByteString, toByteString } from "../byte-string.ts";
import { type Key, key, partsOf, within } from "../key.ts";
import type { Codec, Space } from "../space.ts";
import type { Call, Locks, Revision, Store, Tx } from "../store.ts";

export interface IdentifiedRequest {
  /** The number of the tenant the request is for. */
  readonly tenant: number;
  readonly method: string;
  readonly id: string;
  /** Of all the request says; another request under the same id has another. At most 255 bytes. */
  readonly digest: ByteString;
}

/** What an attempt answers: to be remembered without what only the commit knows; revisions of this commit are left 0. */
export type Answering = (tx: Tx) => Promise<ByteString> | ByteString;

export interface AnsweringWork {
  readonly locks: Locks;
  readonly attempt: Answering;
  /** What must hold for a repeat to be answered too: that the tenant is still the same. */
  readonly guard?: (tx: Tx) => void;
  readonly call?: Call | undefined;
}

export interface Answered {
  readonly answer: ByteString;
  /** The revision of the commit that had the effect, be it this one or an earlier one. */
  readonly revision: Revision;
  readonly replayed: boolean;
}

interface Memory {
  readonly digest: ByteString;
  readonly answer: ByteString;
}

/** The digest's length, the digest, the answer: as JSON, an answer could take six times its bytes. */
const memoryCodec: Codec<Memory> = {
  encode: ({ digest, answer }) =>
    fromByteString(String.fromCharCode(digest.length) + digest + answer),
  decode: (bytes) => {
    const whole = toByteString(bytes);
    const answerAt = 1 + whole.charCodeAt(0);
    if (!(answerAt <= whole.length)) throw new Error("a remembered request was cut");
    return { digest: whole.slice(1, answerAt), answer: whole.slice(answerAt) };
  },
  size: ({ digest, answer }) => 1 + digest.length + answer.length,
};

export const requestSpace: Space<Memory> = {
  name: "request",
  rootParts: 2,
  codec: memoryCodec,
  history: false,
  evictable: false,
  // What was answered tells versions, which a merge changes.
  merging: "left",
  isSound: ({ parts: [method, id, ...rest], value }) =>
    areTexts([method, id]) && rest.length === 0 && (value as Memory).digest.length > 0,
};

/** The same requests by age, so that the oldest gives way; the value is empty. */
export const requestAgeSpace: Space<ByteString> = {
  name: "request-age",
  rootParts: 2,
  codec: byteStringCodec,
  history: false,
  evictable: false,
  // What was answered tells versions, which a merge changes.
  merging: "left",
  isSound: ({ parts: [age, ...request], value }) =>
    typeof age === "number" && request.length === 2 && areTexts(request) && value === "",
};

const areTexts = (parts: readonly unknown[]): boolean =>
  parts.every((part) => typeof part === "string");

/** Runs the update, or answers what it answered before. Failures, and attempts that wrote nothing, are not remembered. */
export async function answerOnce(
  store: Store,
  request: IdentifiedRequest,
  work: AnsweringWork,
): Promise<Answered> {
  const record = key(request.tenant, requestSpace.name, request.method, request.id);
  // A second call with the same id waits here for the first.
  const locks = { ...work.locks, exclusive: [record, ...(work.locks.exclusive ?? [])] };
  const { result, revision } = await store.update(
    locks,
    async (tx) => {
      work.guard?.(tx);
      const known = await tx.get<Memory>(record);
      if (known !== undefined) return replay(request, known.value, known.version);
      const answer = await work.attempt(tx);
      if (tx.wrote) await remember(store, tx, { request, record, answer });
      return { answer, revision: 0, replayed: false };
    },
    work.call,
  );
  return result.replayed ? result : { ...result, revision };
}

function replay(request: IdentifiedRequest, memory: Memory, revision: Revision): Answered {
  if (memory.digest !== request.digest) {
    throw new TiffinError(
      "request_id_reused",
      `request_id ${request.id} was used with other content`,
      {
        metadata: { request_id: request.id, method: request.method },
        violations: [{ field: "request_id", description: "was used with other content" }],
      },
    );
  }
  return { answer: memory.answer, revision, replayed: true };
}

async function remember(
  store: Store,
  tx: Tx,
  { request, record, answer }: { request: IdentifiedRequest; record: Key; answer: ByteString },
): Promise<void> {
  const expireAt = tx.now() + rememberedMs;
  tx.put(record, { digest: request.digest, answer } satisfies Memory, expireAt);
  tx.put(
    key(request.tenant, requestAgeSpace.name, expireAt, request.method, request.id),
    "",
    expireAt,
  );
  const root = key(request.tenant, requestSpace.name);
  const { records } = await store.stats(root);
  if (records < rememberedMax) return;
  await forgetOldest(store, tx, request.tenant);
}

/** Not part of what the attempt reads: who is the oldest need not be exact, and must not make writers conflict. */
async function forgetOldest(store: Store, tx: Tx, tenant: number): Promise<void> {
  const oldest = await store.page(within(key(tenant, requestAgeSpace.name)), { limit: 2 });
  for (const { key: age } of oldest.entries) {
    const [method, id] = partsOf(age).slice(3) as [string, string];
    tx.delete(age);
    tx.delete(key(tenant, requestSpace.name, method, id));
  }
}

const rememberedMs = 10 * 60 * 1000;
const rememberedMax = 100_000;
