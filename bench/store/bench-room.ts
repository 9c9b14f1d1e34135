import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { Metadata } from "@grpc/grpc-js";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { systemClock } from "../../src/clock.ts";
import { createKeyValueService } from "../../src/kv/key-value-service.ts";
import { defaultKvLimits } from "../../src/kv/kv-limits.ts";
import { kvSpaces } from "../../src/kv/kv-spaces.ts";
import { CallContext } from "../../src/rpc/grpc/call-context.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { openBenchStore } from "./bench-store.ts";

/** The key-value room in process, called as the transports call it. */
export interface BenchRoom {
  readonly store: Store;
  readonly service: ServiceImpl<typeof KeyValueService>;
  /** Of a call in the default tenant that has long to go. */
  readonly context: HandlerContext;
}

export async function openBenchRoom(url: string, historyBytes: number): Promise<BenchRoom> {
  const spaces = [...kvSpaces, ...tenantSpaces];
  const store = await openBenchStore({ url, spaces, historyBytes });
  await ensureDefaultTenant(store);
  const service = createKeyValueService({ store, limits: defaultKvLimits, clock: systemClock });
  const context = new CallContext(KeyValueService.method.get, {
    tenant: "default",
    deadline: Date.now() + 3_600_000,
    metadata: new Metadata(),
    signal: new AbortController().signal,
    remainingMs: () => undefined,
  });
  return { store, service, context };
}
