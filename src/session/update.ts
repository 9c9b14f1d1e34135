import type { JsonObject } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { UpdateRequest, UpdateResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { invalidField, TiffinError } from "../errors.ts";
import { readSession } from "./read-session.ts";
import { checkedData, checkedPatch } from "./session-data.ts";
import { digestOf } from "./session-id.ts";
import { nextVersion } from "./session-record.ts";
import type { SessionRoom } from "./session-room.ts";
import { toSession } from "./to-session.ts";
import { putUsed } from "./use-session.ts";
import { type Writing, writeSession } from "./write-session.ts";

export async function update(
  room: SessionRoom,
  { sessionId, change, expectedVersion }: UpdateRequest,
  context: HandlerContext,
): Promise<UpdateResponse> {
  const call = rpcCallOf(context);
  const bytesMax = room.limits.sessionDataBytesMax;
  const toData = toChange(change, bytesMax);
  const found = await readSession(room, call, digestOf(sessionId));
  const attempt = (writing: Writing): UpdateResponse => {
    const { record } = writing.session;
    checkVersion(expectedVersion, record.version);
    const data = toData(record.data);
    const version = nextVersion(record, writing.nowMs);
    const session = toSession(putUsed(writing, { ...record, data, version }));
    return { $typeName: "tiffin.session.v1.UpdateResponse", session };
  };
  return writeSession(room, call, { found, attempt });
}

/** What the request makes of the data there is. Checked as it stands, before anything is read. */
function toChange(
  change: UpdateRequest["change"],
  bytesMax: number,
): (data: JsonObject) => JsonObject {
  switch (change.case) {
    case "replace": {
      const data = checkedData(change.value, "replace", bytesMax);
      return () => data;
    }
    case "mergePatch":
      return checkedPatch(change.value, bytesMax);
    case undefined:
      throw invalidField("change", "one of replace, merge_patch is required");
  }
}

function checkVersion(expected: bigint, actual: number): void {
  if (expected === 0n || expected === BigInt(actual)) return;
  throw new TiffinError(
    "precondition_failed",
    `expected_version: expected ${expected}, and the version there is ${actual}`,
    {
      metadata: {
        field: "expected_version",
        expected: String(expected),
        actual: String(actual),
      },
    },
  );
}
