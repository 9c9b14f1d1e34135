import { status } from "@grpc/grpc-js";
import { TiffinError } from "../../errors.ts";
import { requestTooLarge } from "../message-too-large.ts";
import type { Status } from "./grpc-call.ts";

/**
 * What grpc-js found wrong with a call by itself, told from the code it chose. The code to send is ours where grpc-js
 * calls a caller's mistake INTERNAL; for an unknown compression it stays UNIMPLEMENTED, as the protocol demands.
 */
export function fromGrpcJs(
  given: Status,
  messageBytesMax: number,
): { readonly error: TiffinError; readonly code: number } {
  switch (given.code) {
    case status.RESOURCE_EXHAUSTED:
      return { error: requestTooLarge(messageBytesMax), code: given.code };
    case status.DEADLINE_EXCEEDED: {
      const error = new TiffinError("deadline_exceeded", "the deadline passed");
      return { error, code: given.code };
    }
    case status.UNIMPLEMENTED: {
      const text = "the request is compressed in a way that is not known here";
      return { error: new TiffinError("malformed_message", text), code: given.code };
    }
    case status.INTERNAL:
      return fromInternal(given);
    default: {
      const error = new TiffinError("internal", "internal error", { cause: given.details });
      return { error, code: status.INTERNAL };
    }
  }
}

/** A bad timeout and broken compression come under the same code as defects of grpc-js: only the text differs. */
function fromInternal(given: Status): { readonly error: TiffinError; readonly code: number } {
  const details = given.details ?? "";
  if (details.startsWith("Invalid grpc-timeout")) {
    const violation = { field: "grpc-timeout", description: "is not 1 to 8 digits and a unit" };
    const error = new TiffinError("invalid_field", "grpc-timeout is not 1 to 8 digits and a unit", {
      metadata: { field: "grpc-timeout" },
      violations: [violation],
    });
    return { error, code: status.INVALID_ARGUMENT };
  }
  if (details.startsWith("Failed to decompress")) {
    const error = new TiffinError("malformed_message", "the request cannot be decompressed");
    return { error, code: status.INVALID_ARGUMENT };
  }
  const error = new TiffinError("internal", "internal error", { cause: new Error(details) });
  return { error, code: status.INTERNAL };
}
