import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../src/google/rpc/error_details_pb.ts";

/** Why a call failed, as docs/errors.md lists it: PRECONDITION_FAILED, SESSION_NOT_FOUND. `undefined`: Tiffin did not say. */
export function errorReasonOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof ConnectError)) return undefined;
  return thrown.findDetails(ErrorInfoSchema)[0]?.reason;
}
