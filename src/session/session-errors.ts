import { TiffinError } from "../errors.ts";

/** The one answer to an id that opens nothing, whatever the cause: every difference would tell a guesser something. */
export const sessionNotFound = (): TiffinError =>
  new TiffinError("session_not_found", "there is no such session");

export const alreadyRotated = (): TiffinError =>
  new TiffinError(
    "session_already_rotated",
    "session_id: was rotated away, and the session has a newer id",
  );
