import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import type { ErrorKind } from "../src/errors.ts";
import { codeName } from "../src/rpc/code-name.ts";
import { errorBounds } from "../src/rpc/error-details.ts";
import { errorTable } from "../src/rpc/errors.ts";
import { markdownTable } from "./markdown-table.ts";

const contract = join(import.meta.dirname, "../proto/tiffin/error/v1/error_reason.proto");

/** What a caller does about each. The contract says what happened; this, what now. */
const advice: Record<ErrorKind, string> = {
  invalid_field:
    "Correct the fields named in `BadRequest`. Sending it again unchanged fails again.",
  malformed_message:
    "Send a message of the method's request type; compare field names with the contract.",
  key_too_large: "Shorten the key, or raise the limit.",
  value_too_large: "Split or flatten the value, keep it elsewhere, or raise the limit.",
  page_token_invalid:
    "Start again from the first page; keep every argument but `page_size` the same between pages.",
  resume_token_invalid:
    "Watch again from a revision or with the initial state; analytics: without a token, and query anew.",
  request_id_reused: "Use a new `request_id` for new content.",
  tenant_not_found: "Create the tenant, or correct the header `tiffin-tenant`.",
  tenant_already_exists: "Use the one that exists, or choose another name.",
  tenant_protected: "Delete its namespaces instead.",
  precondition_failed: "Read again, decide again, and send the new version.",
  contention: "Try again after the delay in `RetryInfo`, or spread the writes over more keys.",
  snapshot_lost: "Start the stream again; read faster.",
  history_gone:
    "List again, then watch from the first page's revision; or watch with the initial state. Analytics: watch without a token, then query anew.",
  integer_overflow: "Nothing was changed: choose a smaller delta, or set the counter anew.",
  wrong_value_kind: "Set the key to the kind the operation needs, or use another key.",
  store_full:
    "In memory: delete something, raise the ceiling, or have the store evict. On a disk: free space on it; writes go on by themselves.",
  limit_exceeded: "Ask for less at once, or raise the limit the metadata names.",
  message_too_large:
    "Send or ask for less at once: smaller batches, smaller pages, a stream (Scan, StreamQuery).",
  overloaded: "Try again after the delay in `RetryInfo`, with a growing pause.",
  unauthenticated: "Send the header `authorization: Bearer <token>`.",
  deadline_exceeded: "Give more time. Repeat a write with its `request_id`, or read first.",
  cancelled:
    "Nothing, if the caller meant it. Repeat a write with its `request_id`, or read first.",
  shutting_down: "Connect again after a pause; resume a watch from its last token.",
  outcome_unknown: "Repeat the write with its `request_id`, or read first.",
  method_not_found: "Correct the path; reflection lists what is served.",
  service_not_found: "Ask about a service that reflection lists, or about the empty name.",
  export_invalid: "Compare the file with its original, and import it again from its beginning.",
  tenant_not_empty:
    "Import into another server, delete the tenant, or choose in `when_exists` what is to become of its records.",
  merge_unsupported: "Have the tenant replaced, or import it where there is none of its name.",
  session_not_found: "Have the user log in again.",
  session_already_rotated:
    "Go on with the session as it is: another request is about to hand out the newer id. At a login, Create a session with the subject instead.",
  rolled_up:
    "Ask for a later range, or without percentiles; `rolled_up_before` of the answer says from where on there are some.",
  store_unreachable:
    "Call again after a pause; see that the database runs, and that its URL is right.",
  version_ahead: "Set the clock of this machine, or wait until it is less than a day behind.",
  internal: "Report it, with the request id in the metadata.",
};

/** The page docs/errors.md. */
export function errorsPage(): string {
  const meanings = readMeanings(readFileSync(contract, "utf8"));
  const rows = Object.entries(errorTable).map(([kind, { code, reason }]) => {
    const meaning = meanings.get(reason);
    const name = codeName(code);
    if (meaning?.code !== name) {
      throw new Error(
        `${reason} is ${name} in src/rpc/errors.ts and ${meaning?.code} in the contract`,
      );
    }
    meanings.delete(reason);
    return [
      `\`${reason}\``,
      `\`${name}\``,
      String(codeToHttpStatus(code)),
      sentence(meaning.text),
      advice[kind as ErrorKind],
    ];
  });
  if (meanings.size > 0) throw new Error(`never sent: ${[...meanings.keys()].join(", ")}`);
  const table = markdownTable(["Reason", "gRPC code", "HTTP", "What happened", "What to do"], rows);
  return introduction + table;
}

/** Reasons without their prefix, each with the code and the text of its comment. UNSPECIFIED is never sent. */
function readMeanings(proto: string): Map<string, { code: string; text: string }> {
  const values = proto.matchAll(/((?: *\/\/ .*\n)+) *ERROR_REASON_([A-Z_]+) = \d+;/g);
  const meanings = new Map<string, { code: string; text: string }>();
  for (const [, comment = "", reason = ""] of values) {
    if (reason === "UNSPECIFIED") continue;
    const text = comment.replaceAll(/ *\/\/ (.*)\n/g, "$1 ").trim();
    const colon = text.indexOf(": ");
    meanings.set(reason, { code: text.slice(0, colon), text: text.slice(colon + 2) });
  }
  return meanings;
}

/** Begins with a capital, unless it begins with a name of the contract. */
const sentence = (text: string): string =>
  /^\w+\./.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);

const introduction = `# Errors

<!-- Written by \`npm run docs\` from src/rpc/errors.ts and proto/tiffin/error/v1/error_reason.proto. -->

Both transports answer the same error for the same mistake. A failed call changed nothing, except that after
\`DEADLINE_EXCEEDED\`, \`CANCELLED\`, \`OUTCOME_UNKNOWN\` and \`INTERNAL\` a write may have happened.

- The **code** is one of gRPC's; over HTTP it is Connect's name for it (\`invalid_argument\`) with the status below; a path that is
  no method is answered with 404.
- \`google.rpc.ErrorInfo\` is in the details of every error: \`domain\` is \`tiffin\`, \`reason\` is a name of this table, and
  \`metadata\` holds every changing part of the message by name. Decide by the reason, never by the message.
- \`BadRequest\`, \`PreconditionFailure\`, \`QuotaFailure\`, \`ResourceInfo\` and \`RetryInfo\` are added where they apply.
- Reasons are added over time: treat one you do not know by its code.
- The message takes at most ${errorBounds.messageBytes} bytes, the details ${errorBounds.detailsBytes}, with at most ${errorBounds.violations} violations: clients refuse longer headers.
  Values are cut to 64 bytes; what the contract marks \`debug_redact\` is never repeated.

What comes before all this has no reason: over HTTP, a foreign \`Host\`, \`Origin\` or \`Sec-Fetch-Site\` is refused with 403, and a content type
that is none of Connect's with 415.

`;
