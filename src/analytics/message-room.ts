import type { DescMessage } from "@bufbuild/protobuf";
import type { RpcCall } from "../call.ts";
import { limitExceeded, TiffinError } from "../errors.ts";
import { fragmentBytesMax } from "../fragments.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { type Sent, sentBytes } from "./sent-bytes.ts";

/** What has room in one message of those that the caller is sent. */
export class MessageRoom {
  /** How much goes into one where more may follow. */
  readonly fragmentBytesMax: number;
  readonly #max: number;
  readonly #call: RpcCall;

  constructor({ limits }: AnalyticsRoom, call: RpcCall) {
    this.fragmentBytesMax = fragmentBytesMax(limits);
    this.#max = limits.messageBytesMax;
    this.#call = call;
  }

  /** Refuses what is not spread over several messages and has no room in one, in words of the configuration. */
  assert<Desc extends DescMessage>(what: string, sent: Sent<Desc>): void {
    const bytes = sentBytes(this.#call, sent, this.#max);
    if (bytes <= this.#max) return;
    const asJson = this.#call.jsonBytesOf === undefined ? "" : " as JSON";
    throw new TiffinError(
      "limit_exceeded",
      `${what} would take ${bytes} bytes${asJson}, and a message has ${this.#max} at most (TIFFIN_MESSAGE_BYTES_MAX): ask for a shorter range, a coarser granularity, or fewer aggregates or dimensions`,
      limitExceeded("messageBytesMax", this.#max, bytes).details,
    );
  }
}
