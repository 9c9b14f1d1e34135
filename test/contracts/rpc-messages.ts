import { fromJson, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueSchema as JsonSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import type { Entry, ExpirySchema, Value, ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { WatchResponse } from "#gen/tiffin/kv/v1/watch_pb.ts";
import type { RpcSubject } from "./rpc-subject.ts";

export type ValueInit = MessageInitShape<typeof ValueSchema>;
type ExpiryInit = MessageInitShape<typeof ExpirySchema>;

export const text = (value: string): ValueInit => ({ kind: { case: "text", value } });
export const integer = (value: bigint): ValueInit => ({ kind: { case: "integer", value } });
export const bytes = (value: Uint8Array): ValueInit => ({ kind: { case: "bytes", value } });
export const json = (value: JsonValue): ValueInit => ({
  kind: { case: "json", value: fromJson(JsonSchema, value) },
});

/** After so many milliseconds. */
export const ttl = (ms: number): ExpiryInit => ({
  kind: { case: "ttl", value: durationOf(ms) },
});

export const durationOf = (ms: number): { seconds: bigint; nanos: number } => ({
  seconds: BigInt(Math.floor(ms / 1000)),
  nanos: (ms % 1000) * 1_000_000,
});

export const msOf = (time: { seconds: bigint; nanos: number } | undefined): number | undefined =>
  time && Number(time.seconds) * 1000 + time.nanos / 1_000_000;

export const textOf = (value: Value | undefined): string | undefined =>
  value?.kind.case === "text" ? value.kind.value : undefined;

/** What an error says to programs. */
export interface Failure {
  readonly code: number;
  readonly reason: string | undefined;
  readonly metadata: Record<string, string>;
  readonly fields: string[];
}

/** How the call failed; throws when it did not. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const thrown = await call.then(
    (answer) => {
      throw new Error("the call did not fail", { cause: answer });
    },
    (error: unknown) => ConnectError.from(error),
  );
  const [info] = thrown.findDetails(ErrorInfoSchema);
  const [badRequest] = thrown.findDetails(BadRequestSchema);
  return {
    code: thrown.code,
    reason: info?.reason,
    metadata: info?.metadata ?? {},
    fields: badRequest?.fieldViolations.map(({ field }) => field) ?? [],
  };
}

/** Keys and text values in short, in the order they were answered. */
export const inShort = (entries: readonly Entry[]): Record<string, string | undefined> =>
  Object.fromEntries(entries.map(({ key, value }) => [key, textOf(value)]));

/** Everything in a namespace, key by key. */
export async function contentOf(
  { kv }: RpcSubject,
  namespace = "",
  headers: Record<string, string> = {},
): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const { entries } of kv.scan({ namespace }, { headers })) found.push(...entries);
  return found;
}

/** As every watch sends them. */
interface WatchMessage {
  readonly events: unknown[];
  readonly revision: bigint;
  readonly resumeToken: string;
}

/** A watch read message by message, to be ended. */
export class WatchReader<Message extends WatchMessage = WatchResponse> {
  readonly #messages: AsyncIterator<Message>;
  readonly #cancel: AbortController;
  /** The token of the last message that had one. */
  token = "";
  revision = 0n;

  constructor(open: (signal: AbortSignal) => AsyncIterable<Message>) {
    this.#cancel = new AbortController();
    this.#messages = open(this.#cancel.signal)[Symbol.asyncIterator]();
  }

  async next(): Promise<Message> {
    const { value, done } = await this.#messages.next();
    if (done) throw new Error("the watch has ended");
    this.revision = value.revision;
    if (value.resumeToken !== "") this.token = value.resumeToken;
    return value;
  }

  /** The next so many events, of as many messages as it takes. */
  async events(count: number): Promise<Message["events"]> {
    const found: Message["events"] = [];
    while (found.length < count) found.push(...(await this.next()).events);
    return found;
  }

  async end(): Promise<void> {
    this.#cancel.abort();
    await this.#messages.next().catch(() => undefined);
  }
}
