import { ConnectError } from "@connectrpc/connect";
import type { TiffinError } from "../../errors.ts";
import { detailsOf, messageOf } from "../error-details.ts";
import { errorTable } from "../errors.ts";

/** The error as Connect sends it. The error itself is its cause, so that it is known again. */
export const toConnectError = (error: TiffinError): ConnectError =>
  new ConnectError(
    messageOf(error),
    errorTable[error.kind].code,
    undefined,
    detailsOf(error),
    error,
  );
