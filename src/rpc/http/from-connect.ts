import { TiffinError } from "../../errors.ts";
import { malformedMessage } from "../malformed-message.ts";
import { answerTooLarge, requestTooLarge } from "../message-too-large.ts";
import { clientGone, type HttpExchange } from "./http-exchange.ts";
import { malformedJson } from "./malformed-json.ts";

/** An error as Connect chose it. */
export interface GivenError {
  readonly code: string;
  readonly message: string;
}

/** Whose error it is, and what bounds its messages. */
export interface Explaining {
  readonly exchange: HttpExchange;
  readonly messageBytesMax: number;
}

/** What Connect means by an error of its own, where no room and no interceptor has raised one. */
export function fromConnect(
  { code, message }: GivenError,
  { exchange, messageBytesMax: max }: Explaining,
): unknown {
  if (message.includes("timeout")) {
    const description = "is not a number of milliseconds";
    return new TiffinError("invalid_field", `connect-timeout-ms ${description}`, {
      metadata: { field: "connect-timeout-ms" },
      violations: [{ field: "connect-timeout-ms", description }],
    });
  }
  // Of a body that breaks off before its compression ends, Connect says that it is its own defect.
  if (message === "decompression failed") {
    return new TiffinError("malformed_message", "the request cannot be decompressed");
  }
  if (code === "invalid_argument" || message.startsWith("parse binary")) {
    return malformedJson(exchange, message) ?? malformedMessage(message);
  }
  if (code === "resource_exhausted") {
    const written = /^message size (\d+) is larger than configured writeMaxBytes/.exec(message);
    return written === null ? requestTooLarge(max) : answerTooLarge(max, Number(written[1]));
  }
  if (code === "unimplemented") {
    return new TiffinError(
      "malformed_message",
      "the request is compressed in a way that is not known here",
    );
  }
  if (code === "canceled" || code === "aborted") {
    return clientGone();
  }
  return new Error(message);
}
