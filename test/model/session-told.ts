import { inspect } from "node:util";
import { expect } from "vitest";
import { EndReason, type Event, EventType } from "#gen/tiffin/session/v1/watch_pb.ts";
import type { SessionCalls } from "./session-calls.ts";
import { different, plain, plainOf, type Wrong } from "./session-comparison.ts";
import type { ModelEvent, SessionModel } from "./session-model.ts";

/** Where a watch of the subject goes on; of all, if there is none. */
export interface WatchedFrom {
  readonly subject: string;
  readonly token: string;
}

export async function watchFromNow(calls: SessionCalls, subject = ""): Promise<WatchedFrom> {
  const stream = calls.watch({ subject });
  const { value } = await stream.next();
  await stream.return?.();
  return { subject, token: value.resumeToken };
}

/** What is told up to the session's creation: in pieces, each of a watch that goes on where the one before it stopped. */
export async function readTold(
  calls: SessionCalls,
  { subject, token }: WatchedFrom,
  last: string,
): Promise<Event[]> {
  const told: Event[] = [];
  const isLast = ({ session }: Event): boolean => session?.handle === last;
  for (let resumeToken = token; !told.some(isLast); ) {
    const stream = calls.watch({ subject, start: { case: "resumeToken", value: resumeToken } });
    for (let messages = 0; messages < messagesPerPiece && !told.some(isLast); messages++) {
      const { value } = await stream.next();
      told.push(...value.events);
      if (value.resumeToken !== "") resumeToken = value.resumeToken;
    }
    await stream.return?.();
  }
  return told;
}

const messagesPerPiece = 4;

/** Holds what a watch of the subject told against what the model says, in its order. */
export function toldWrong(model: SessionModel, subject: string, told: readonly Event[]): Wrong {
  const revisions = told.map(({ revision }) => revision);
  const sorted = revisions.toSorted((a, b) => Number(a - b));
  const problems = [different(revisions, sorted)];
  let at = 0;
  for (const step of model.told) {
    const expected = step.flatMap((event) => seenOf(event, subject));
    const actual = told.slice(at, at + expected.length);
    problems.push(
      different(inAnyOrder(actual.map(shownEvent)), inAnyOrder(expected.map(shownModel))),
    );
    at += expected.length;
  }
  problems.push(different(told.slice(at).map(shownEvent), []));
  const [problem] = problems.filter((one) => one !== undefined);
  return problem && `a watch of "${subject}": ${problem}`;
}

/** What a watch of the subject tells of it. */
function seenOf(event: ModelEvent, subject: string): ModelEvent[] {
  const { session, moved } = event;
  if (subject === "" || session.subject === subject) return [event];
  if (moved === undefined || moved.subject !== subject) return [];
  return [{ type: EventType.DELETED, session: moved, reason: EndReason.SUBJECT_CHANGED }];
}

/** A watch that begins with the sessions there are tells those of the model. */
export async function checkInitial(model: SessionModel, calls: SessionCalls): Promise<void> {
  const stream = calls.watch({ start: { case: "initialState", value: true } });
  const events: Event[] = [];
  for (let token = ""; token === ""; ) {
    const { value } = await stream.next();
    events.push(...value.events);
    token = value.resumeToken;
  }
  await stream.return?.();
  const initial = { type: EventType.INITIAL, reason: EndReason.UNSPECIFIED };
  const expected = model.live().map((session) => ({ ...initial, session }));
  expect(inAnyOrder(events.map(shownEvent))).toEqual(inAnyOrder(expected.map(shownModel)));
}

const shownEvent = ({ type, endReason, session }: Event): object => ({
  ...{ type, reason: endReason },
  session: plain(session),
});

const shownModel = ({ type, reason, session }: ModelEvent): object => ({
  ...{ type, reason },
  session: plainOf(session),
});

const inAnyOrder = (events: readonly object[]): object[] =>
  events.toSorted((a, b) => (inspect(a) < inspect(b) ? -1 : 1));
