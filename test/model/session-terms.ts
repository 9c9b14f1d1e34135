import type { MessageInitShape } from "@bufbuild/protobuf";
import { AtLimit, type PolicySchema } from "#gen/tiffin/session/v1/session_pb.ts";
import { msOf } from "../contracts/rpc-messages.ts";
import type { ModelId, ModelPolicy, ModelSession, SessionModel } from "./session-model.ts";

/** What is granted of a policy within all bounds. */
export function toPolicy(asked: MessageInitShape<typeof PolicySchema>): ModelPolicy {
  const ms = (duration: unknown): number | undefined =>
    msOf(duration as Parameters<typeof msOf>[0]);
  const absoluteMs = ms(asked.absoluteTimeout) ?? 12 * 3_600_000;
  const idleMs = ms(asked.idleTimeout) ?? Math.min(30 * 60_000, absoluteMs);
  return {
    ...{ absoluteMs, idleMs },
    touchMs: ms(asked.touchInterval) ?? Math.min(1000, Math.floor(idleMs / 10)),
    renewalMs: ms(asked.renewalInterval) ?? 0,
    subjectMax: asked.subjectSessionsMax || 100,
    refuses: asked.atLimit === AtLimit.REFUSE,
  };
}

/**
 * The sessions that are too many once the subject has this one too: its oldest. Of those created in one millisecond the contract
 * says nothing; the order of the handles is what is done.
 */
export function excessOf(
  model: SessionModel,
  { subject, policy, handle }: Pick<ModelSession, "subject" | "policy"> & { handle?: string },
): ModelSession[] {
  if (subject === "") return [];
  const others = model.live(subject).filter((session) => session.handle !== handle);
  const excess = Math.max(0, others.length + 1 - policy.subjectMax);
  return others.toSorted((a, b) => a.createdMs - b.createdMs).slice(0, excess);
}

/** The ids from before that go on opening a session that is rotated then: with a grace of 0 none. */
export function survivors(session: ModelSession, nowMs: number, graceMs: number): ModelId[] {
  const [current, ...former] = session.ids;
  if (graceMs === 0 || current === undefined) return [];
  const kept = former.filter(({ untilMs }) => Number(untilMs) > nowMs);
  const untilMs = Math.min(nowMs + graceMs, session.absoluteMs);
  return [{ ...current, untilMs }, ...kept].slice(0, inGraceMax);
}

/** Of more, those that were rotated away first end early. */
const inGraceMax = 4;
