import { TiffinError } from "../errors.ts";
import { cut } from "./cut.ts";

/** The path names no service and method that is here. */
export const methodNotFound = (path: string): TiffinError =>
  new TiffinError("method_not_found", `there is no method ${cut(path, 128)} here`, {
    metadata: { method: path },
  });
