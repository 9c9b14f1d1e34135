import type { ExportRecord } from "#gen/tiffin/admin/v1/export_pb.ts";
import { encodeFinder } from "../../src/session/finder.ts";
import { digestOf, newHandle } from "../../src/session/session-id.ts";
import { encodeSession, type SessionRecord } from "../../src/session/session-record.ts";
import { type ByteString, fromByteString, toByteString } from "../../src/store/byte-string.ts";
import { type KeyPart, key } from "../../src/store/key.ts";

const created = 1_800_000_000_000;
const expireAtMs = created + 1_801_000;
const handle = newHandle();
const digest = digestOf("an id");

const sound: SessionRecord = {
  ...{ version: created * 1000, createdMs: created, usedMs: created, rotatedMs: created },
  absoluteMs: created + 43_200_000,
  policy: { idleMs: 1_800_000, touchMs: 1000, renewalMs: 0, subjectMax: 100, refuses: false },
  ids: [{ digest, untilMs: 0 }],
  client: { ip: "::1", agent: "a", device: "d" },
  data: { a: 1 },
};

const record = (parts: readonly KeyPart[], value: string): Partial<ExportRecord> => ({
  key: fromByteString(key(...parts)),
  value: fromByteString(value as ByteString),
  expireAtMs,
});
const session = (change: object, at: readonly KeyPart[] = ["ada", handle]): Partial<ExportRecord> =>
  record(["session", ...at], encodeSession({ ...sound, ...change }));
const policy = (change: object) => session({ policy: { ...sound.policy, ...change } });
const client = (change: object) => session({ client: { ...sound.client, ...change } });
const id = (change: object) => session({ ids: [{ ...sound.ids[0], ...change }] });
const former = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    digest: digestOf(String(at)),
    untilMs: created + 10_000,
  }));
const text = (json: string) => record(["session", "ada", handle], toByteString(Buffer.from(json)));
const json = Buffer.from(encodeSession(sound), "latin1").toString();
const finder = encodeFinder({ handle, subject: "ada" });
const without = ({ expireAtMs: _, ...rest }: Partial<ExportRecord>) => rest;

/** What the unsound ones were made of: this is taken. */
export const soundSession = session({});

/** Sessions as an export may hold them that was made by hand, and that no room writes. */
export const unsoundSessions: Record<string, Partial<ExportRecord>> = {
  "a session of nothing": text(""),
  "a session that is no JSON": text("[1,"),
  "a session in another form": text(` ${json}`),
  "a session of another format": text(`[2${json.slice(2)}`),
  "a session with more to it": text(json.replace("]\n", ",1]\n")),
  "a session with more data behind its data": text(`${json}\n{}`),
  "a session whose data is on its first line": text(json.replace("]\n", "]")),
  "a session that is cut": text("[1,2,3]"),
  "a session without a handle": session({}, ["ada"]),
  "a session with two handles": session({}, ["ada", handle, handle]),
  "a session whose handle is none": session({}, ["ada", "x"]),
  "a session whose subject is a number": session({}, [1, handle]),
  "a session whose subject is too long": session({}, ["s".repeat(513), handle]),
  "a session that does not expire": without(session({})),
  "a session that outlives its absolute timeout": {
    ...session({}),
    expireAtMs: sound.absoluteMs + 1,
  },
  "an expiry between two milliseconds": { ...session({}), expireAtMs: expireAtMs + 0.5 },
  "a version that is none": session({ version: 1.5 }),
  "a version beyond all": session({ version: 2 ** 60 }),
  "a time that no timestamp says": session({ usedMs: 1e15 }),
  "a time that is a text": session({ createdMs: "now" }),
  "an absolute timeout without end": session({ absoluteMs: 1e15 }),
  "an idle timeout from before all times": policy({ idleMs: 2 ** 52 }),
  "an idle timeout of nothing": policy({ idleMs: 0 }),
  "a touch interval that is none": policy({ touchMs: -1 }),
  "a renewal after the end of time": policy({ renewalMs: 2 ** 52 }),
  "as many sessions as one likes": policy({ subjectMax: 501 }),
  "no session at all": policy({ subjectMax: 0 }),
  "a session without an id": session({ ids: [] }),
  "an id that is no digest": id({ digest: "an id" }),
  "a current id that ends": id({ untilMs: created }),
  "a former id that does not end": session({ ids: [sound.ids[0], { digest, untilMs: 0 }] }),
  "an id until the end of time": session({ ids: [sound.ids[0], { digest, untilMs: 2 ** 52 }] }),
  "more ids than are kept": session({ ids: [sound.ids[0], ...former(5)] }),
  "a client that is a number": client({ ip: 1 }),
  "a client that is half of a surrogate pair": client({ agent: "\ud83d" }),
  "data that is none": session({ data: null }),
  "data that is a list": session({ data: [1] }),
  "data that is half of a surrogate pair": session({ data: { a: "\ud83d" } }),
  "data too deep": session({ data: JSON.parse(`${'{"a":'.repeat(31)}1${"}".repeat(31)}`) }),
  "a finder of nothing": record(["session-id", digest], ""),
  "a finder whose id is no digest": record(["session-id", "an id"], finder),
  "a finder of two ids": record(["session-id", digest, digest], finder),
  "a finder of no handle": record(["session-id", digest], "x".repeat(21)),
  "a finder of a subject that is no text": record(["session-id", digest], `${handle}\xff`),
  "a finder of a subject that is too long": record(
    ["session-id", digest],
    finder + "s".repeat(510),
  ),
  "a finder that does not expire": without(record(["session-id", digest], finder)),
};
