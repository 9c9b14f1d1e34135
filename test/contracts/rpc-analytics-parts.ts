import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { NewSeriesSchema } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { StoredSeries } from "../../src/analytics-store/series.ts";
import { settle } from "../support/settle.ts";
import type { RpcSubject } from "./rpc-subject.ts";

export type SeriesInit = MessageInitShape<typeof NewSeriesSchema>;

/** In the name of the tenant. */
export const as = (tenant: string) => ({ headers: { "tiffin-tenant": tenant } });

export const january = Date.UTC(2024, 0, 1);
export const day = 24 * 3_600_000;

/** The instant so many days into 2024. */
export const dayOf2024 = (days: number) => timestampFromMs(january + days * day);

/** A series, of which only what matters needs to be said. */
export const one = (init: SeriesInit = {}): SeriesInit => ({
  source: "a/b",
  metric: "Sold",
  startTime: dayOf2024(0),
  value: 1,
  ...init,
});

/** Everything that the tenant has, by id. */
export const stored = (
  { series }: Pick<RpcSubject, "series">,
  tenant = "default",
): Promise<readonly StoredSeries[]> => series.list({ tenant }, {}, { afterId: 0, limit: 10_000 });

export const idsOf = (series: readonly StoredSeries[]): number[] => series.map(({ id }) => id);
export const valuesOf = (series: readonly StoredSeries[]): number[] =>
  series.map(({ value }) => value);

/** A stream of the server, read message by message, and to be ended. Time goes by while it is waited for. */
export class StreamReader<Message> {
  readonly #rpc: RpcSubject;
  readonly #messages: AsyncIterator<Message>;
  readonly #cancel = new AbortController();

  constructor(rpc: RpcSubject, open: (signal: AbortSignal) => AsyncIterable<Message>) {
    this.#rpc = rpc;
    this.#messages = open(this.#cancel.signal)[Symbol.asyncIterator]();
  }

  async next(): Promise<Message> {
    const { value, done } = await settle(this.#rpc.clock, this.#messages.next());
    if (done) throw new Error("the stream has ended");
    return value;
  }

  async end(): Promise<void> {
    this.#cancel.abort();
    await this.#messages.next().catch(() => undefined);
  }
}
