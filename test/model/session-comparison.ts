import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "@bufbuild/protobuf";
import { expect } from "vitest";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import { msOf } from "../contracts/rpc-messages.ts";
import type { ModelSession, SessionModel } from "./session-model.ts";

/** What is wrong, in words; undefined: nothing. */
export type Wrong = string | undefined;

/** Compares what was answered of a session, and keeps what it says of its last use. */
export function seen(
  model: SessionModel,
  actual: Session | undefined,
  expected: ModelSession,
): Wrong {
  const activeMs = msOf(actual?.lastActiveTime);
  const { earliest, latest } = expected.active;
  if (activeMs === undefined || activeMs < earliest || activeMs > latest) {
    return `last active ${activeMs} is not within ${earliest} and ${latest}`;
  }
  model.put({ ...expected, active: { earliest: activeMs, latest: activeMs } });
  return different(plain(actual), plainOf(expected));
}

/** Says all of it: what a matcher shows of a text is cut. */
export function expectRight(wrong: Wrong): void {
  if (wrong !== undefined) expect.unreachable(wrong);
}

export function different(actual: unknown, expected: unknown): Wrong {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  return `answered ${shown(actual)} instead of ${shown(expected)}`;
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));

/** But for the last use, which is known within bounds only. */
export function plain(session: Session | undefined): object | undefined {
  if (session === undefined) return undefined;
  const { handle, subject, version, client } = session;
  const { ipAddress, userAgent, deviceName } = client ?? nobody;
  return {
    ...{ handle, subject, version, client: { ipAddress, userAgent, deviceName } },
    data: copyOf(session.data),
    createdMs: msOf(session.createTime),
    endsMs: msOf(session.idleExpireTime),
    absoluteMs: msOf(session.absoluteExpireTime),
    renewMs: msOf(session.renewTime),
  };
}

export function plainOf(session: ModelSession): object {
  const { handle, subject, version, client, createdMs, endsMs, absoluteMs } = session;
  const data = copyOf(session.data);
  const times = { createdMs, endsMs, absoluteMs, renewMs: renewMsOf(session) };
  return { handle, subject, version, client, data, ...times };
}

export const renewMsOf = ({ policy, rotatedMs }: ModelSession): number | undefined =>
  policy.renewalMs === 0 ? undefined : rotatedMs + policy.renewalMs;

/** What it is in JSON, whatever its prototype. */
const copyOf = (data: JsonObject | undefined): unknown => JSON.parse(JSON.stringify(data ?? {}));

export const nobody = { ipAddress: "", userAgent: "", deviceName: "" };
