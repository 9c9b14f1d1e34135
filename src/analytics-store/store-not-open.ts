import { TiffinError } from "../errors.ts";

/** Of a call before `init` or after `close`. */
export const notOpen = (): TiffinError => new TiffinError("shutting_down", "the store is not open");
