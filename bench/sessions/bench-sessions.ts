import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { Metadata } from "@grpc/grpc-js";
import {
  GetRequestSchema,
  RotateRequestSchema,
  SessionService,
  UpdateRequestSchema,
} from "#gen/tiffin/session/v1/session_service_pb.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { CallContext } from "../../src/rpc/grpc/call-context.ts";
import { defaultSessionLimits } from "../../src/session/session-limits.ts";
import { createSessionService } from "../../src/session/session-service.ts";
import { sessionSpaces } from "../../src/session/session-spaces.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { createRequest, type SampleOptions } from "./sample-session.ts";

/** The session room in process and in memory, called as the transports call it. */
export interface BenchSessions {
  readonly store: Store;
  /** Answers the id. */
  create(options?: Partial<SampleOptions>): Promise<string>;
  get(request: MessageInitShape<typeof GetRequestSchema>): Promise<void>;
  update(request: MessageInitShape<typeof UpdateRequestSchema>): Promise<void>;
  /** Answers the new id. */
  rotate(request: MessageInitShape<typeof RotateRequestSchema>): Promise<string>;
}

export async function openBenchSessions(
  historyBytes: number,
  clock: Clock = systemClock,
): Promise<BenchSessions> {
  const store = await openStore({
    url: "memory:",
    spaces: [...sessionSpaces, ...tenantSpaces],
    clock,
    random: Math.random,
    instance: "bench",
    history: { bytes: historyBytes, ms: 3_600_000 },
    limits: {},
    memory: { bytesMax: 8 * 2 ** 30, whenFull: "refuse" },
    report(problem, cause) {
      throw new Error(problem, { cause });
    },
  });
  await ensureDefaultTenant(store);
  const service = createSessionService({ store, limits: defaultSessionLimits, clock });
  return { store, ...inProcess(service, toContext(clock)) };
}

function inProcess(
  service: ServiceImpl<typeof SessionService>,
  context: HandlerContext,
): Omit<BenchSessions, "store"> {
  return {
    async create(options) {
      const { sessionId } = await service.create(createRequest(options), context);
      return sessionId as string;
    },
    async get(request) {
      const { session } = await service.get(create(GetRequestSchema, request), context);
      if (session === undefined) throw new Error("Get answered no session");
    },
    async update(request) {
      const { session } = await service.update(create(UpdateRequestSchema, request), context);
      if (session === undefined) throw new Error("Update answered no session");
    },
    async rotate(request) {
      const { sessionId } = await service.rotate(create(RotateRequestSchema, request), context);
      return sessionId as string;
    },
  };
}

/** Of a call in the default tenant that has long to go. */
const toContext = (clock: Clock): HandlerContext =>
  new CallContext(SessionService.method.get, {
    tenant: "default",
    deadline: clock.now() + 24 * 3_600_000,
    metadata: new Metadata(),
    signal: new AbortController().signal,
    remainingMs: () => undefined,
  });
