import { encodeFinder } from "../../src/session/finder.ts";
import { digestOf } from "../../src/session/session-id.ts";
import {
  encodeSession,
  nextVersion,
  type SessionPolicy,
  type SessionRecord,
} from "../../src/session/session-record.ts";
import { finderKey, subjectRoot } from "../../src/session/session-spaces.ts";
import { child } from "../../src/store/key.ts";
import { type Numbered, tenantsRoot } from "../../src/store/layers/directory.ts";
import type { Mutation, Store } from "../../src/store/store.ts";
import { sameRandom } from "../store/random.ts";
import { sampleData } from "./sample-session.ts";

export interface Filled {
  /** Unix milliseconds at which it ends: it is not used before. */
  readonly endMs: number;
  readonly touchMs: number;
  readonly subject?: string;
  readonly client?: SessionRecord["client"];
}

/** Makes sessions as Create does, but many in a commit. Answers each one's id to `made`. */
export async function fillSessions(
  store: Store,
  { from, to, sessionAt }: { from: number; to: number; sessionAt: (index: number) => Filled },
  made: (index: number, sessionId: string) => void,
): Promise<void> {
  const tenant = await defaultTenant(store);
  for (let begin = from; begin < to; begin += batch) {
    const mutations: Mutation[] = [];
    for (let index = begin; index < Math.min(begin + batch, to); index++) {
      const sessionId = anyText(32);
      mutations.push(...recordsOf(tenant, sessionId, sessionAt(index)));
      made(index, sessionId);
    }
    await store.commit({ expect: [], mutations });
  }
}

function recordsOf(tenant: number, sessionId: string, filled: Filled): Mutation[] {
  const { endMs: expireAt, touchMs, subject = "", client = nobody } = filled;
  const [digest, handle, nowMs] = [digestOf(sessionId), anyText(16), Date.now()];
  const record: SessionRecord = {
    version: nextVersion(undefined, nowMs),
    ...{ createdMs: nowMs, usedMs: nowMs, rotatedMs: nowMs },
    absoluteMs: nowMs + absoluteMs,
    policy: { ...policy, touchMs, idleMs: expireAt - nowMs - touchMs },
    ids: [{ digest, untilMs: 0 }],
    ...{ client, data: sampleData },
  };
  const key = child(subjectRoot(tenant, subject), handle);
  return [
    { op: "put", key, value: encodeSession(record), expireAt },
    {
      op: "put",
      key: finderKey(tenant, digest),
      value: encodeFinder({ handle, subject }),
      expireAt,
    },
  ];
}

async function defaultTenant(store: Store): Promise<number> {
  const { entries } = await store.get([child(tenantsRoot, "default")]);
  if (entries[0] === undefined) throw new Error("there is no default tenant");
  return (entries[0].value as Numbered).number;
}

/** As long as what the server makes, and in as little order, but guessable: a million need no secrets, and those are dear. */
function anyText(bytes: number): string {
  for (let at = 0; at < bytes; at += 4) scratch.writeUInt32LE(random() * 2 ** 32, at);
  return scratch.toString("base64url", 0, bytes);
}

const random = sameRandom();
const scratch = Buffer.alloc(32);
const nobody: SessionRecord["client"] = { ip: "", agent: "", device: "" };
const policy: Omit<SessionPolicy, "idleMs" | "touchMs"> = {
  ...{ renewalMs: 0, subjectMax: 100, refuses: false },
};
const absoluteMs = 12 * 3_600_000;
const batch = 250;
