import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { PolicySchema } from "../src/tiffin/session/v1/session_pb.ts";
import type { SessionService } from "../src/tiffin/session/v1/session_service_pb.ts";
import { errorReasonOf } from "./error-reason.ts";
import type {
  CreateOptions,
  RotateOptions,
  SessionBackend,
  SessionClient,
  StoredSession,
} from "./session-backend.ts";

/** How the sessions are that a ServiceSessionBackend creates and rotates. */
export interface ServiceSessionBackendOptions {
  /** How long they live, and how many a subject may have: the contract's Policy. Default: the server's. */
  readonly policy?: MessageInitShape<typeof PolicySchema>;
  /** For how long the old id still opens the session after a rotation without a subject, at most 60 seconds. Default 0: not at all. */
  readonly graceMs?: number;
}

/**
 * Sessions in Tiffin's SessionService. What the server refuses, and that it cannot be reached, comes as a ConnectError. A user's sessions,
 * revoking them and watching are the service's own: call its client.
 */
export class ServiceSessionBackend implements SessionBackend {
  readonly #client: Client<typeof SessionService>;
  readonly #policy: MessageInitShape<typeof PolicySchema> | undefined;
  readonly #graceMs: number;

  constructor(
    client: Client<typeof SessionService>,
    { policy, graceMs = 0 }: ServiceSessionBackendOptions = {},
  ) {
    if (!(graceMs >= 0 && graceMs <= graceMsMax)) {
      throw new RangeError(`graceMs is from 0 to ${graceMsMax}, not ${graceMs}`);
    }
    this.#client = client;
    this.#policy = policy;
    this.#graceMs = graceMs;
  }

  async create(data: JsonObject, { subject = "", client }: CreateOptions): Promise<string> {
    const policy = this.#policy;
    const optional = { ...(client && { client: fitting(client) }), ...(policy && { policy }) };
    const { sessionId } = await this.#client.create({ data, subject, ...optional });
    return sessionId;
  }

  async get(id: string): Promise<StoredSession | undefined> {
    const answer = await unlessGone(this.#client.get({ sessionId: id }));
    if (answer?.session === undefined) return undefined;
    const { data = {}, subject, renewTime } = answer.session;
    const renewal = renewTime && { renewTime: timestampDate(renewTime) };
    return { data, subject: subject === "" ? undefined : subject, ...renewal };
  }

  async update(id: string, patch: JsonObject): Promise<boolean> {
    const change = { case: "mergePatch" as const, value: patch };
    return (await unlessGone(this.#client.update({ sessionId: id, change }))) !== undefined;
  }

  async rotate(id: string, options: RotateOptions<JsonObject>): Promise<string | undefined> {
    const { subject, data } = options;
    const answer = await unlessGone(
      this.#client.rotate({
        sessionId: id,
        // With a subject the old id dies at once, whatever the grace is.
        ...(subject === undefined ? { grace: durationFromMs(this.#graceMs) } : { subject }),
        ...(data && { mergePatch: data }),
      }),
    );
    return answer?.sessionId;
  }

  async delete(id: string): Promise<void> {
    await this.#client.delete({ sessionId: id });
  }
}

/** The header User-Agent is the browser's to choose: what is too long for the server is cut off, or nobody could log in with it. */
function fitting(client: SessionClient): SessionClient {
  const { userAgent } = client;
  if (userAgent === undefined) return client;
  const { read } = new TextEncoder().encodeInto(userAgent, new Uint8Array(userAgentBytesMax));
  return { ...client, userAgent: userAgent.slice(0, read) };
}

const userAgentBytesMax = 1024;
const graceMsMax = 60_000;

/** An id that opens nothing, or has been rotated and is in its grace, is no error here. */
async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const reason = errorReasonOf(error);
    if (reason === "SESSION_NOT_FOUND" || reason === "SESSION_ALREADY_ROTATED") return undefined;
    throw error;
  }
}
