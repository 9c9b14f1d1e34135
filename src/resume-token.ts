import { TiffinError } from "./errors.ts";
import { fromQueryToken, toQueryToken } from "./query-token.ts";
import type { Key } from "./store/key.ts";
import type { Revision } from "./store/store.ts";

/** Says that everything up to the revision has been sent. */
export const toResumeToken = (query: Key, revision: Revision): string =>
  toQueryToken(query, String(revision));

export function fromResumeToken(query: Key, token: string): Revision {
  const position = fromQueryToken(query, token);
  const revision = position === undefined ? Number.NaN : Number(position);
  if (Number.isSafeInteger(revision)) return revision;
  const description = "was altered, or belongs to another watch";
  throw new TiffinError("resume_token_invalid", `resume_token: ${description}`, {
    metadata: { field: "resume_token", value: token },
    violations: [{ field: "resume_token", description }],
  });
}
