import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { RotateResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { EndReason, EventType } from "#gen/tiffin/session/v1/watch_pb.ts";
import type { ErrorKind } from "../../src/errors.ts";
import { msOf } from "../contracts/rpc-messages.ts";
import type { Operation, OperationOf, Outcome } from "./session-calls.ts";
import { different, nobody, renewMsOf, seen, type Wrong } from "./session-comparison.ts";
import type { ModelEvent, ModelSession, SessionModel } from "./session-model.ts";
import { excessOf, survivors, toPolicy } from "./session-terms.ts";
import { isNow, used, usedAsOfAnswer } from "./session-use.ts";

/** Holds an outcome against the model, which then has what the call did. Each rule says what the contract says of its method. */
export function accept(
  model: SessionModel,
  { method, request }: Operation,
  outcome: Outcome,
): Wrong {
  const rule = rules[method] as Rule<Operation["method"]>;
  const wrong = model.isGone ? gone(outcome) : rule(model, request as never, outcome as never);
  return wrong && `${method}: ${wrong}`;
}

/** A read that was under way may find nothing where the tenant's sessions were. */
function gone(outcome: Outcome): Wrong {
  if ("answer" in outcome) return outcome.answer.$typeName === deleted ? undefined : "an answer";
  const { failed } = outcome;
  return failed === "tenant_not_found" || failed === "session_not_found" ? undefined : failed;
}

const deleted = "tiffin.session.v1.DeleteResponse";

type Rule<Name extends Operation["method"]> = (
  model: SessionModel,
  request: OperationOf<Name>["request"],
  outcome: Outcome<Name>,
) => Wrong;

const create: Rule<"create"> = (model, request, outcome) => {
  const policy = toPolicy(request.policy ?? {});
  const { subject = "", data = {} } = request;
  const excess = excessOf(model, { subject, policy });
  if (excess.length > 0 && policy.refuses) return failing(outcome, "limit_exceeded");
  if ("failed" in outcome) return unexpected(outcome);
  const { sessionId, session } = outcome.answer;
  if (session === undefined || !isNewId(model, sessionId)) return "the id is not new";
  if (session.handle === "" || model.hasHandle(session.handle)) return "the handle is not new";
  if (session.version <= 0n) return "there is no version";
  const nowMs = msOf(session.createTime) ?? 0;
  if (!isNow(model, nowMs)) return `created at ${nowMs}, which is not now`;
  const made: ModelSession = {
    ...{ handle: session.handle, subject, data, version: session.version, policy },
    client: { ...nobody, ...(request.client as object | undefined) },
    ...{ createdMs: nowMs, rotatedMs: nowMs, absoluteMs: nowMs + policy.absoluteMs },
    active: { earliest: nowMs, latest: nowMs },
    endsMs: Math.min(nowMs + policy.idleMs + policy.touchMs, nowMs + policy.absoluteMs),
    ids: [{ id: sessionId }],
  };
  const created = { type: EventType.CREATED, session: made, reason: EndReason.UNSPECIFIED };
  model.tell(...model.end(excess, EndReason.LIMIT), created);
  return seen(model, session, made);
};

const get: Rule<"get"> = (model, { sessionId = "", peek = false }, outcome) => {
  const open = model.open(sessionId);
  if (open === undefined) return failing(outcome, "session_not_found");
  if ("failed" in outcome) return unexpected(outcome);
  const { session, idExpireTime } = outcome.answer;
  const wrongId = different(msOf(idExpireTime), open.id.untilMs);
  if (wrongId !== undefined) return wrongId;
  if (peek) return seen(model, session, open.session);
  const after = used(model, open.session, { activeMs: msOf(session?.lastActiveTime) });
  return typeof after === "string" ? after : seen(model, session, after);
};

const touch: Rule<"touch"> = (model, { sessionId = "" }, outcome) => {
  const open = model.open(sessionId);
  if (open === undefined) return failing(outcome, "session_not_found");
  if ("failed" in outcome) return unexpected(outcome);
  const { answer } = outcome;
  const after = usedAsOfAnswer(model, open.session, msOf(answer.idleExpireTime) ?? 0);
  if (typeof after === "string") return after;
  model.put(after);
  const told = [answer.absoluteExpireTime, answer.renewTime, answer.idExpireTime].map(msOf);
  return different(told, [after.absoluteMs, renewMsOf(after), open.id.untilMs]);
};

const update: Rule<"update"> = (model, request, outcome) => {
  const open = model.open(request.sessionId ?? "");
  if (open === undefined) return failing(outcome, "session_not_found");
  const { expectedVersion = 0n, change } = request;
  if (expectedVersion !== 0n && expectedVersion !== open.session.version) {
    return failing(outcome, "precondition_failed");
  }
  if ("failed" in outcome) return unexpected(outcome);
  const { session } = outcome.answer;
  const { session: before } = open;
  const activeMs = msOf(session?.lastActiveTime);
  const after = used(model, before, { activeMs, isChange: true });
  if (typeof after === "string") return after;
  const value = (change?.value ?? {}) as JsonObject;
  const data = change?.case === "replace" ? value : merged(before.data, value);
  const updated = { ...after, data, version: session?.version ?? 0n };
  model.tell({ type: EventType.UPDATED, session: updated, reason: EndReason.UNSPECIFIED });
  return wrongVersion(before, updated, true) ?? seen(model, session, updated);
};

const rotate: Rule<"rotate"> = (model, request, outcome) => {
  const refused = refusalOf(model, request);
  const before = model.open(request.sessionId ?? "")?.session;
  if (refused !== undefined || before === undefined) return failing(outcome, refused);
  if ("failed" in outcome) return unexpected(outcome);
  const { answer } = outcome;
  const activeMs = msOf(answer.session?.lastActiveTime) ?? 0;
  const after = used(model, before, { activeMs, isChange: true });
  if (typeof after === "string") return after;
  if (!isNewId(model, answer.sessionId)) return "the id is not new";
  const event = rotation(before, after, { request, answer });
  model.tell(...model.end(crowdedOut(model, before, request), EndReason.LIMIT), event);
  const isChange = request.mergePatch !== undefined || event.moved !== undefined;
  const oldIdMs = event.session.ids[1]?.untilMs;
  return (
    wrongVersion(before, event.session, isChange) ??
    different(msOf(answer.oldIdExpireTime), oldIdMs) ??
    seen(model, answer.session, event.session)
  );
};

function refusalOf(model: SessionModel, request: RotateRequestInit): ErrorKind | undefined {
  if (request.subject !== undefined && graceMsOf(request) > 0) return "invalid_field";
  const open = model.open(request.sessionId ?? "");
  if (open === undefined) return "session_not_found";
  if (open.id.untilMs !== undefined) return "session_already_rotated";
  const { session } = open;
  const isFull = crowdedOut(model, session, request).length > 0 && session.policy.refuses;
  return isFull ? "limit_exceeded" : undefined;
}

/** Whom a login leaves no room. */
const crowdedOut = (
  model: SessionModel,
  session: ModelSession,
  { subject }: RotateRequestInit,
): ModelSession[] => (subject === undefined ? [] : excessOf(model, { ...session, subject }));

/** What a rotation makes of the session that was just used, as it is told. */
function rotation(
  before: ModelSession,
  after: ModelSession,
  { request, answer }: { request: RotateRequestInit; answer: RotateResponse },
): ModelEvent {
  const { mergePatch, subject = before.subject } = request;
  const rotatedMs = after.active.latest;
  const session: ModelSession = {
    ...{ ...after, subject, rotatedMs, version: answer.session?.version ?? 0n },
    data: mergePatch === undefined ? before.data : merged(before.data, mergePatch),
    ids: [{ id: answer.sessionId }, ...survivors(before, rotatedMs, graceMsOf(request))],
  };
  const told = { type: EventType.ROTATED, session, reason: EndReason.UNSPECIFIED };
  return subject === before.subject ? told : { ...told, moved: before };
}

const graceMsOf = ({ grace, subject }: RotateRequestInit): number =>
  msOf(grace as Duration | undefined) ?? (subject === undefined ? 10_000 : 0);

const remove: Rule<"delete"> = (model, { sessionId = "" }, outcome) => {
  if ("failed" in outcome) return unexpected(outcome);
  const open = model.open(sessionId);
  if (open !== undefined) model.tell(...model.end([open.session], EndReason.LOGOUT));
  return undefined;
};

const listBySubject: Rule<"listBySubject"> = (model, { subject = "" }, outcome) =>
  listed(model, outcome, model.live(subject));

const list: Rule<"list"> = (model, _request, outcome) => listed(model, outcome, model.live());

function listed(
  model: SessionModel,
  outcome: Outcome<"list" | "listBySubject">,
  expected: readonly ModelSession[],
): Wrong {
  if ("failed" in outcome) return unexpected(outcome);
  const { sessions } = outcome.answer;
  const handles = sessions.map(({ handle }) => handle);
  const wrong = different(
    handles,
    expected.map(({ handle }) => handle),
  );
  if (wrong !== undefined) return `listed: ${wrong}`;
  return expected
    .map((session, at) => seen(model, sessions[at], session))
    .find((found) => found !== undefined);
}

const deleteBySubject: Rule<"deleteBySubject"> = (model, { subject = "", which }, outcome) => {
  const all = model.live(subject);
  const isNamed = ({ handle }: ModelSession): boolean => handle === which?.value;
  if (which?.case !== "all" && !all.some(isNamed)) return failing(outcome, "session_not_found");
  const chosen = all.filter(
    (session) => which?.case === "all" || isNamed(session) === (which?.case === "handle"),
  );
  return revoked(model, outcome, chosen);
};

const deleteAll: Rule<"deleteAll"> = (model, _request, outcome) =>
  revoked(model, outcome, model.live());

function revoked(
  model: SessionModel,
  outcome: Outcome<"deleteAll" | "deleteBySubject">,
  chosen: readonly ModelSession[],
): Wrong {
  if ("failed" in outcome) return unexpected(outcome);
  model.tell(...model.end(chosen, EndReason.REVOKED));
  return different(outcome.answer.deletedCount, chosen.length);
}

const rules: { readonly [Name in Operation["method"]]: Rule<Name> } = {
  ...{ create, get, touch, update, rotate, delete: remove },
  ...{ list, listBySubject, deleteBySubject, deleteAll },
};

type RotateRequestInit = OperationOf<"rotate">["request"];

function failing(outcome: Outcome, kind: ErrorKind | undefined): Wrong {
  if ("failed" in outcome && outcome.failed === kind) return undefined;
  return `${"failed" in outcome ? outcome.failed : "an answer"} instead of ${kind}`;
}

const unexpected = ({ failed }: { failed: ErrorKind }): Wrong => `failed with ${failed}`;

function wrongVersion(before: ModelSession, after: ModelSession, isChange: boolean): Wrong {
  if (isChange ? after.version > before.version : after.version === before.version)
    return undefined;
  return `the version is ${after.version}, and was ${before.version}`;
}

const isNewId = (model: SessionModel, id: string): boolean =>
  id.length === 43 && !model.issued.has(id);

/** RFC 7396, as its section 2 spells it. */
function merged(target: JsonValue, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, isObject(value) ? merged(result.get(name) ?? null, value) : value);
  }
  return Object.fromEntries(result);
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
