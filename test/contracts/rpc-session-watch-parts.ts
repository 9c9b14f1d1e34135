import {
  EndReason,
  type Event,
  EventType,
  type WatchResponse,
} from "#gen/tiffin/session/v1/watch_pb.ts";
import { WatchReader } from "./rpc-messages.ts";
import type { RpcSubject } from "./rpc-subject.ts";

export type SessionWatchInit = Parameters<RpcSubject["sessions"]["watch"]>[0];
export type SessionWatchReader = WatchReader<WatchResponse>;

/** The watches of one test, to be ended together. */
export class SessionWatches {
  readonly #sessions: RpcSubject["sessions"];
  readonly #readers: SessionWatchReader[] = [];

  constructor({ sessions }: RpcSubject) {
    this.#sessions = sessions;
  }

  open(request: SessionWatchInit = {}, headers: Record<string, string> = {}): SessionWatchReader {
    const reader = new WatchReader((signal) => this.#sessions.watch(request, { signal, headers }));
    this.#readers.push(reader);
    return reader;
  }

  /** A watch that has begun: its first message was read. */
  async opened(request?: SessionWatchInit): Promise<SessionWatchReader> {
    const reader = this.open(request);
    await reader.next();
    return reader;
  }

  async end(): Promise<void> {
    for (const reader of this.#readers) await reader.end();
  }
}

/** An event in a line: what happened, whose the session is, and why it ended. */
export function told({ type, session, endReason }: Event): string {
  const parts = [nameIn(EventType, type), session?.subject];
  if (endReason !== EndReason.UNSPECIFIED) parts.push(nameIn(EndReason, endReason));
  return parts.join(" ");
}

const nameIn = (names: Readonly<Record<string, number>>, value: number): string | undefined =>
  Object.keys(names).find((name) => names[name] === value);

/** The next so many events, each in a line. */
export const tell = async (reader: SessionWatchReader, count: number): Promise<string[]> =>
  (await reader.events(count)).map(told);

export const since = (value: bigint) => ({ start: { case: "afterRevision", value } }) as const;
export const from = (value: string) => ({ start: { case: "resumeToken", value } }) as const;
export const initial = { start: { case: "initialState", value: true } } as const;
