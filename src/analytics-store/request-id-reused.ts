import { TiffinError } from "../errors.ts";

/** What every engine answers to a request id that it remembers with another digest. */
export const requestIdReused = (id: string): TiffinError =>
  new TiffinError("request_id_reused", `request_id ${id} was used with other content`, {
    metadata: { request_id: id },
    violations: [{ field: "request_id", description: "was used with other content" }],
  });
