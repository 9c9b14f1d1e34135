import { Code, ConnectError } from "@connectrpc/connect";
import { type Event, EventType, type WatchResponse } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { WatchReader } from "../contracts/rpc-messages.ts";
import { namespace, toSeen } from "./calls.ts";
import type { Seen } from "./keys-model.ts";
import type { RecordedClient, Recorder } from "./recorder.ts";

export type Filter =
  | { readonly case: "key"; readonly value: string }
  | { readonly case: "prefix"; readonly value: string }
  | { readonly case: undefined };

/** An event as it was sent. */
export interface ToldEvent {
  readonly type: string;
  readonly revision: number;
  /** Empty for DELETE_RANGE. */
  readonly key: string;
  readonly range?: { readonly start: string; readonly end: string };
  readonly entry?: Seen;
  readonly previous?: Seen;
}

export interface ToldMessage {
  readonly events: readonly ToldEvent[];
  readonly revision: number;
  /** Empty: not a place to resume from. */
  readonly token: string;
}

/** One stream, from its opening to its cut. */
export interface Segment {
  /** The revision it was to begin after; undefined: wherever it began. */
  readonly after: number | undefined;
  /** What was there at `after`, where the stream before could not be resumed. */
  readonly listed?: ReadonlyMap<string, Seen>;
  /** The last of them has a token: what came after it is asked for again. */
  readonly messages: readonly ToldMessage[];
}

export interface WatchHistory {
  readonly filter: Filter;
  readonly hasPrevious: boolean;
  readonly segments: readonly Segment[];
}

/** Where a stream is broken and how it goes on. */
export interface Cut {
  readonly messages: number;
  readonly how: "cancel" | "cut";
  readonly by: "token" | "revision";
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
  for (let cut = 0; ; cut++) {
    const wanted = cuts[cut];
    // Once the list has the last write there is nothing more to come.
    const isListed = isOver(watching, toSegment(start, []));
    const segment = isListed ? toSegment(start, []) : await oneSegment(watching, start, wanted);
    if (segment === "gone") start = (await list(watching)) ?? start;
    else {
      segments.push(segment);
      if (isOver(watching, segment)) return { filter, hasPrevious, segments };
      await recorder.laterBy(wanted?.pause ?? 0);
      start = next(start, segment, wanted?.by ?? "token");
    }
  }
}

type Start =
  | { readonly from: "now" }
  | { readonly from: "token"; readonly token: string; readonly after: number }
  | {
      readonly from: "revision";
      readonly after: number;
      readonly listed?: ReadonlyMap<string, Seen>;
    };

async function oneSegment(
  { client, filter, hasPrevious, lastValue }: Watching,
  start: Start,
  cut: Cut | undefined,
): Promise<Segment | "gone"> {
  const request = { namespace, selector: filter, includePrevious: hasPrevious, ...startOf(start) };
  const reader = new WatchReader((signal) => client.kv.watch(request, { signal }));
  const messages: ToldMessage[] = [];
  try {
    while (messages.length < (cut?.messages ?? Number.POSITIVE_INFINITY)) {
      const message = toTold(await reader.next());
      messages.push(message);
      if (message.events.some(({ entry }) => entry?.value === lastValue)) break;
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

function toSegment(start: Start, messages: readonly ToldMessage[]): Segment {
  return {
    after: start.from === "now" ? undefined : start.after,
    ...("listed" in start && start.listed !== undefined && { listed: start.listed }),
    messages: messages.slice(0, messages.findLastIndex(({ token }) => token !== "") + 1),
  };
}

const isOver = ({ lastValue }: Watching, { messages, listed }: Segment): boolean =>
  [...(listed?.values() ?? [])].some(({ value }) => value === lastValue) ||
  messages.some(({ events }) => events.some(({ entry }) => entry?.value === lastValue));

function next(start: Start, { messages }: Segment, by: Cut["by"]): Start {
  const last = messages.at(-1);
  if (last === undefined) return start;
  return by === "token"
    ? { from: "token", token: last.token, after: last.revision }
    : { from: "revision", after: last.revision };
}

/** What is there, to go on from; undefined when the connection is not made again yet. */
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
  const listed = new Map(entries.map((entry) => [entry.key, toSeen(entry) as Seen]));
  return { from: "revision", after: Number(revision), listed };
}

function startOf(start: Start) {
  switch (start.from) {
    case "now":
      return {};
    case "token":
      return { start: { case: "resumeToken" as const, value: start.token } };
    case "revision":
      return { start: { case: "afterRevision" as const, value: BigInt(start.after) } };
  }
}

const toTold = ({ events, revision, resumeToken }: WatchResponse): ToldMessage => ({
  events: events.map(toToldEvent),
  revision: Number(revision),
  token: resumeToken,
});

function toToldEvent({ type, revision, entry, previous, range }: Event): ToldEvent {
  return {
    type: typeNames.get(type) ?? String(type),
    revision: Number(revision),
    key: entry?.key ?? "",
    ...(range && { range: { start: range.start, end: range.end } }),
    ...(type === EventType.PUT && { entry: toSeen(entry) as Seen }),
    ...(previous && { previous: toSeen(previous) as Seen }),
  };
}

const typeNames = new Map<number, string>(
  Object.entries(EventType).map(([name, number]) => [number, name]),
);
