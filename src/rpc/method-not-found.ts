import { TiffinError } from "../errors.ts";
import { cut } from "./cut.ts";

/**
 * The path names no service and method that is here. It is repeated if it could name some, so that a misspelt one is found; no part of
 * such a name is as long as a session's id, which other APIs would have in the path.
 */
export function methodNotFound(path: string): TiffinError {
  if (!couldName.test(path)) {
    return new TiffinError("method_not_found", "there is no method of that path here");
  }
  return new TiffinError("method_not_found", `there is no method ${cut(path, 128)} here`, {
    metadata: { method: path },
  });
}

const couldName = /^\/\w{1,32}(?:\.\w{1,32})*\/\w{1,32}$/;
