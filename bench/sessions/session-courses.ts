import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import {
  CreateResponseSchema,
  DeleteRequestSchema,
  GetRequestSchema,
  GetResponseSchema,
  RotateRequestSchema,
  RotateResponseSchema,
  UpdateRequestSchema,
  UpdateResponseSchema,
} from "#gen/tiffin/session/v1/session_service_pb.ts";
import { type Course, callBeside, inTurn } from "./course.ts";
import {
  encodedCreate,
  everyUse,
  type SampleOptions,
  sampleClient,
  sampleData,
  subjectAt,
} from "./sample-session.ts";

/** The methods that a web application calls, most of them with every request that it serves. */
export const sessionCourses = (sessionCount: number): Course[] => [
  creating("Create", () => ({})),
  creating("Create, of a subject, with a client", (index) => ({
    subject: subjectAt(index),
    client: sampleClient,
  })),
  rotating("Rotate", {}),
  rotating("Rotate, logging in", { subject: "user" }),
  updating("Update", sessionCount),
  reading("Get, touch due", { sessionCount, options: { policy: everyUse }, reference: "Set" }),
  reading("Get, within the touch interval", { sessionCount: busySessions, reference: "Get" }),
  reading("Get, peek", { sessionCount, peek: true, reference: "Get" }),
];

function creating(name: string, optionsOf: (index: number) => Partial<SampleOptions>): Course {
  const made: string[] = [];
  return {
    name,
    path: `${service}/Create`,
    against: { reference: "Set", aim },
    prepare: async (_, calls) =>
      Array.from({ length: calls }, (_, index) => encodedCreate(optionsOf(index))),
    answered: (message) => made.push(idIn(message)),
    tidyUp: (address) => end(address, made),
    check: (answer) => assertSession(fromBinary(CreateResponseSchema, answer).session),
  };
}

/** Each session once: what is rotated many times within its grace has more ids than a real one. */
function rotating(name: string, init: { subject?: string }): Course {
  const made: string[] = [];
  let turn = 0;
  return {
    name,
    path: `${service}/Rotate`,
    against: { reference: "Set", aim },
    async prepare(address, calls) {
      const ids = await createSessions(address, calls, {});
      return ids.map((sessionId) => {
        // Each session another subject's: nobody logs in as the same all the time.
        const subject = init.subject && { subject: `${init.subject}-${turn++}` };
        return toBinary(
          RotateRequestSchema,
          create(RotateRequestSchema, { sessionId, ...(subject || {}) }),
        );
      });
    },
    answered: (message) => made.push(idIn(message)),
    tidyUp: (address) => end(address, made),
    check: (answer) => assertSession(fromBinary(RotateResponseSchema, answer).session),
  };
}

function updating(name: string, sessionCount: number): Course {
  const requests = once(async (address) => {
    const ids = await createSessions(address, sessionCount, {});
    return ids.map((sessionId) => {
      const change = { case: "replace", value: sampleData } as const;
      return toBinary(UpdateRequestSchema, create(UpdateRequestSchema, { sessionId, change }));
    });
  });
  return {
    name,
    path: `${service}/Update`,
    against: { reference: "Set", aim },
    prepare: async (address, calls) => inTurn(await requests(address), calls),
    check: (answer) => assertSession(fromBinary(UpdateResponseSchema, answer).session),
  };
}

function reading(name: string, { sessionCount, options = {}, reference, ...get }: Reading): Course {
  const requests = once(async (address) => {
    const ids = await createSessions(address, sessionCount, options);
    return ids.map((sessionId) =>
      toBinary(GetRequestSchema, create(GetRequestSchema, { sessionId, ...get })),
    );
  });
  return {
    name,
    path: `${service}/Get`,
    against: { reference, aim },
    prepare: async (address, calls) => inTurn(await requests(address), calls),
    check: (answer) => assertSession(fromBinary(GetResponseSchema, answer).session),
  };
}

interface Reading extends Pick<MessageInitShape<typeof GetRequestSchema>, "peek"> {
  readonly sessionCount: number;
  readonly options?: Partial<SampleOptions>;
  readonly reference: "Set" | "Get";
}

async function createSessions(
  address: string,
  count: number,
  options: Partial<SampleOptions>,
): Promise<string[]> {
  const request = encodedCreate(options);
  const path = `${service}/Create`;
  return (await callBeside({ address, path }, Array(count).fill(request))).map(idIn);
}

async function end(address: string, ids: string[]): Promise<void> {
  const requests = ids
    .splice(0)
    .map((sessionId) => toBinary(DeleteRequestSchema, create(DeleteRequestSchema, { sessionId })));
  await callBeside({ address, path: `${service}/Delete` }, requests);
}

/** The first field of the answers that have an id. */
function idIn(answer: Buffer): string {
  if (answer[0] !== 0x0a || answer[1] !== idLength) throw new Error("an answer without an id");
  return answer.toString("latin1", 2, 2 + idLength);
}

function assertSession(session: Session | undefined): void {
  if (session?.data?.["csrf"] !== sampleData["csrf"]) throw new Error("not the session it was");
}

/** What is made for a server at its first lap, and used in all. */
function once<T>(make: (address: string) => Promise<T>): (address: string) => Promise<T> {
  let made: Promise<T> | undefined;
  return (address) => {
    made ??= make(address);
    return made;
  };
}

const service = "/tiffin.session.v1.SessionService";
const idLength = 43;
const aim = 1.6;
/** So few that each is used many times within its touch interval. */
const busySessions = 64;
