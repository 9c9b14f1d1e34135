import { Code, ConnectError } from "@connectrpc/connect";
import { WatchReader } from "../contracts/rpc-messages.ts";
import { namespace, toSeen } from "./calls.ts";
import type { Seen } from "./keys-model.ts";
import type { RecordedClient, Recorder } from "./recorder.ts";
import { type ToldEvent, type ToldMessage, toTold } from "./told-message.ts";

export type Filter =
  | { readonly case: "key"; readonly value: string }
  | { readonly case: "prefix"; readonly value: string }
  | { readonly case: undefined };

/** One stream, from its opening to its cut. */
export interface Segment {
  /** The revision it was to begin after; undefined: wherever it began. */
  readonly after: number | undefined;
  /** What was there at `after`, where the stream does not continue the one before. */
  readonly listed?: readonly ToldEvent[];
  /** The last of them has a token: what came after it is asked for again. */
  readonly messages: readonly ToldMessage[];
}

export interface WatchHistory {
  readonly filter: Filter;
  readonly hasPrevious: boolean;
  readonly segments: readonly Segment[];
  /** How often a stream could not go on, since the history was gone. */
  readonly lost: number;
}

/** Where a stream is broken and how it goes on. */
export interface Cut {
  readonly messages: number;
  readonly how: "cancel" | "cut";
  readonly by: "token" | "revision" | "initial state";
  /** What comes in place of a history that is gone. */
  readonly relist: "list" | "initial state";
  /** Operations of others until then. */
  readonly pause: number;
}

export interface Watching {
  readonly client: RecordedClient;
  readonly recorder: Recorder;
  readonly filter: Filter;
  readonly hasPrevious: boolean;
  /** Each once, in order; then the stream is left whole. */
  readonly cuts: readonly Cut[];
  /** The value whose write is the last of all that the filter lets through. */
  readonly lastValue: string;
}

/** Watches to the last write, over all cuts; lists and goes on from there when the history is gone. */
export async function watchAlong(watching: Watching): Promise<WatchHistory> {
  const { filter, hasPrevious, cuts, recorder } = watching;
  const segments: Segment[] = [];
  let start: Start = { from: "now" };
  let lost = 0;
  for (let cut = 0; ; cut++) {
    const wanted = cuts[cut];
    // Once the list has the last write there is nothing more to come.
    const isListed = isOver(watching, toSegment(start, []));
    const segment = isListed ? toSegment(start, []) : await oneSegment(watching, start, wanted);
    if (segment === "gone") {
      lost++;
      start = await relist(watching, start, wanted?.relist);
    } else {
      segments.push(segment);
      if (isOver(watching, segment)) return { filter, hasPrevious, segments, lost };
      await recorder.laterBy(wanted?.pause ?? 0);
      start = next(start, segment, wanted?.by ?? "token");
    }
  }
}

type Start =
  | { readonly from: "now" | "initial state" }
  | { readonly from: "token"; readonly token: string; readonly after: number }
  | {
      readonly from: "revision";
      readonly after: number;
      readonly listed?: readonly ToldEvent[];
    };

async function oneSegment(
  { client, filter, hasPrevious, lastValue }: Watching,
  start: Start,
  cut: Cut | undefined,
): Promise<Segment | "gone"> {
  const request = { namespace, selector: filter, includePrevious: hasPrevious, ...startOf(start) };
  const reader = new WatchReader((signal) => client.kv.watch(request, { signal }));
  const messages: ToldMessage[] = [];
  let isOver = false;
  try {
    while (messages.length < (cut?.messages ?? Number.POSITIVE_INFINITY)) {
      const message = toTold(await reader.next());
      messages.push(message);
      isOver ||= message.events.some(({ entry }) => entry?.value === lastValue);
      // Without a token it would have to be asked for again.
      if (isOver && message.token !== "") break;
    }
  } catch (thrown) {
    if (isHistoryGone(thrown) && messages.length === 0) return "gone";
  } finally {
    if (cut?.how === "cut") client.link.cut();
    await reader.end();
    if (cut?.how === "cut") client.renew();
  }
  return toSegment(start, messages);
}

/** Otherwise the connection is not made again yet after a cut: the stream is simply asked for again. */
function isHistoryGone(thrown: unknown): boolean {
  const { code } = ConnectError.from(thrown);
  if (code !== Code.OutOfRange && code !== Code.Unavailable) throw thrown;
  return code === Code.OutOfRange;
}

function toSegment(start: Start, sent: readonly ToldMessage[]): Segment {
  const opening = sent.findIndex(({ token }) => token !== "");
  const end = sent.findLastIndex(({ token }) => token !== "") + 1;
  const messages = opening < 0 ? [] : sent.slice(opening, end);
  switch (start.from) {
    case "now":
      return { after: undefined, messages: sent.slice(0, end) };
    case "initial state": {
      // One that was cut off before it was whole tells nothing.
      if (opening < 0) return { after: undefined, messages };
      const listed = sent.slice(0, opening).flatMap(({ events }) => events);
      return { after: sent[0]?.revision, listed, messages };
    }
    case "token":
      return { after: start.after, messages: sent.slice(0, end) };
    case "revision": {
      const { after, listed } = start;
      return { after, ...(listed && { listed }), messages: sent.slice(0, end) };
    }
  }
}

const isOver = ({ lastValue }: Watching, { messages, listed = [] }: Segment): boolean =>
  [...listed, ...messages.flatMap(({ events }) => events)].some(
    ({ entry }) => entry?.value === lastValue,
  );

function next(start: Start, { messages }: Segment, by: Cut["by"]): Start {
  if (by === "initial state") return { from: by };
  const last = messages.at(-1);
  if (last === undefined) return start;
  return by === "token"
    ? { from: "token", token: last.token, after: last.revision }
    : { from: "revision", after: last.revision };
}

/** Where to go on when the history is gone; as before when the connection is not made again yet. */
async function relist(
  watching: Watching,
  start: Start,
  how: Cut["relist"] = "list",
): Promise<Start> {
  return how === "list" ? ((await list(watching)) ?? start) : { from: how };
}

async function list({ client, filter }: Watching): Promise<Start | undefined> {
  const selector =
    filter.case === "key"
      ? { case: "range" as const, value: { start: filter.value, end: `${filter.value}\x00` } }
      : filter;
  const answer = await client.kv.list({ namespace, selector }).catch((thrown: unknown) => {
    isHistoryGone(thrown);
    return undefined;
  });
  if (answer === undefined) return undefined;
  const { entries, revision } = answer;
  const after = Number(revision);
  const listed = entries.map((entry) => {
    return { type: "INITIAL", revision: after, key: entry.key, entry: toSeen(entry) as Seen };
  });
  return { from: "revision", after, listed };
}

function startOf(start: Start) {
  switch (start.from) {
    case "now":
      return {};
    case "initial state":
      return { start: { case: "initialState" as const, value: true } };
    case "token":
      return { start: { case: "resumeToken" as const, value: start.token } };
    case "revision":
      return { start: { case: "afterRevision" as const, value: BigInt(start.after) } };
  }
}
