import { create } from "@bufbuild/protobuf";
import type { Client, HandlerContext } from "@connectrpc/connect";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { defaultSessionLimits } from "../../src/session/session-limits.ts";
import { createSessionService } from "../../src/session/session-service.ts";
import { sessionSpaces } from "../../src/session/session-spaces.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { callContext } from "./call-context.ts";
import { ManualClock } from "./manual-clock.ts";

export interface OpenSessionRoom extends AsyncDisposable {
  readonly sessions: Client<typeof SessionService>;
  readonly store: Store;
  readonly clock: ManualClock;
}

/** The session room over a store, in the default tenant, called with nothing between: for what takes very many calls. */
export async function openSessionRoom(url = "memory:"): Promise<OpenSessionRoom> {
  const clock = new ManualClock();
  const store = await openStore({
    ...{ url, clock, instance: "test", random: () => 0.5, limits: {} },
    spaces: [...sessionSpaces, ...tenantSpaces],
    history: { bytes: 16 * 1024 * 1024, ms: 3_600_000 },
    memory: { bytesMax: 512 * 1024 * 1024, whenFull: "refuse" },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  await ensureDefaultTenant(store);
  const service = createSessionService({ store, limits: defaultSessionLimits, clock });
  const methods = Object.values(SessionService.method).map(({ localName, input }) => {
    const run = service[localName as keyof typeof service] as (
      request: unknown,
      context: HandlerContext,
    ) => unknown;
    return [localName, (request: object) => run(create(input, request), context)] as const;
  });
  return {
    sessions: Object.fromEntries(methods) as unknown as Client<typeof SessionService>,
    store,
    clock,
    [Symbol.asyncDispose]: () => store.close(),
  };
}

const context = callContext(SessionService.method.get);
