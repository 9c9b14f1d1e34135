import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import { toTimestamp } from "../timestamp.ts";
import { lastUse } from "./lifetime.ts";
import type { LiveSession } from "./open-session.ts";
import type { SessionRecord } from "./session-record.ts";

/** What is answered of a session. Its ids, or what is kept of them, are not. */
export function toSession({ handle, subject, record, entry }: ShownSession): Session {
  const session: Session = {
    $typeName: "tiffin.session.v1.Session",
    handle,
    subject,
    data: record.data,
    version: BigInt(record.version),
    createTime: toTimestamp(record.createdMs),
    lastActiveTime: toTimestamp(lastUse(record, entry)),
    idleExpireTime: toTimestamp(entry.expireAt ?? record.absoluteMs),
    absoluteExpireTime: toTimestamp(record.absoluteMs),
  };
  const { ip, agent, device } = record.client;
  if (ip !== "" || agent !== "" || device !== "") {
    session.client = {
      $typeName: "tiffin.session.v1.Client",
      ipAddress: ip,
      userAgent: agent,
      deviceName: device,
    };
  }
  const renewTime = toRenewTime(record);
  if (renewTime !== undefined) session.renewTime = renewTime;
  return session;
}

/** A session as it is, or as a commit is about to leave it. */
export type ShownSession = Pick<LiveSession, "handle" | "subject" | "record"> & {
  readonly entry: Pick<LiveSession["entry"], "expireAt">;
};

export const toRenewTime = ({ policy, rotatedMs }: SessionRecord): Timestamp | undefined =>
  policy.renewalMs === 0 ? undefined : toTimestamp(rotatedMs + policy.renewalMs);
