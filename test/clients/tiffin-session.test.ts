import { randomUUID } from "node:crypto";
import { afterAll } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { MemoryStore } from "../../gen/typescript/lib/memory-store.ts";
import { ServiceSessionBackend } from "../../gen/typescript/lib/service-session-backend.ts";
import type { Store } from "../../gen/typescript/lib/store.ts";
import { StoreSessionBackend } from "../../gen/typescript/lib/store-session-backend.ts";
import { TiffinStore } from "../../gen/typescript/lib/tiffin-store.ts";
import { openClient } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";
import { mapStore } from "./map-store.ts";
import { testSessions } from "./session-contract.ts";

const nothing = { [Symbol.asyncDispose]: async () => undefined };

const inStore = (clock: ManualClock, store: Store) => {
  const backend = new StoreSessionBackend(store, { now: () => clock.now() });
  return { backend, clock, ...nothing };
};

testSessions("MemoryStore", async () => {
  const clock = new ManualClock();
  return inStore(clock, new MemoryStore({ now: () => clock.now() }));
});

testSessions("a store with three methods and no expiry", async () =>
  inStore(new ManualClock(), mapStore()),
);

let shared: Promise<RunningApp> | undefined;
const clock = new ManualClock();
const sharedApp = (): Promise<RunningApp> => {
  shared ??= startApp({}, { clock });
  return shared;
};
afterAll(async () => (await shared)?.[Symbol.asyncDispose]());

testSessions("TiffinStore", async () => {
  const { target } = await sharedApp();
  const { client, close } = openClient(KeyValueService, "grpc", target);
  const subject = inStore(clock, new TiffinStore(client, randomUUID()));
  return { ...subject, [Symbol.asyncDispose]: async () => close() };
});

for (const transport of ["grpc", "connect-json"] as const) {
  testSessions(`SessionService by ${transport}`, async () => {
    const { target } = await sharedApp();
    const { client, close } = openClient(SessionService, transport, target);
    const backend = new ServiceSessionBackend(client);
    return { backend, clock, [Symbol.asyncDispose]: async () => close() };
  });
}
