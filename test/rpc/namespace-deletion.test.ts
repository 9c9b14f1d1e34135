import { createClient, createRouterTransport } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { systemClock } from "../../src/clock.ts";
import { createKeyValueService } from "../../src/kv/key-value-service.ts";
import { defaultKvLimits } from "../../src/kv/kv-limits.ts";
import { kvSpaces } from "../../src/kv/kv-spaces.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { text } from "../contracts/rpc-messages.ts";

/** The store, after whose next statistics something else happens before they are answered. */
function interrupted(store: Store, next: () => (() => Promise<unknown>) | undefined): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name !== "stats") return member.bind(target);
      return async (root: Parameters<Store["stats"]>[0]) => {
        const answer = await target.stats(root);
        await next()?.();
        return answer;
      };
    },
  });
}

test("a write that a namespace's deletion takes with it is not said not to have been there", async () => {
  const clock = systemClock;
  const store = await openStore({
    url: "memory:",
    spaces: [...kvSpaces, ...tenantSpaces],
    clock,
    random: () => 0.5,
    instance: "test",
    history: { bytes: 1_000_000, ms: 3_600_000 },
    limits: {},
    memory: { bytesMax: 10_000_000, whenFull: "refuse" },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  await ensureDefaultTenant(store);
  let between: (() => Promise<unknown>) | undefined;
  const room = interrupted(store, () => {
    const now = between;
    between = undefined;
    return now;
  });
  const service = createKeyValueService({ store: room, limits: defaultKvLimits, clock });
  const client = createClient(
    KeyValueService,
    createRouterTransport(({ service: serve }) => void serve(KeyValueService, service)),
  );
  await client.set({ key: "a", value: text("one") });
  await client.delete({ key: "a" });
  between = () => client.set({ key: "b", value: text("two") });
  const { deleted, entryCount } = await client.deleteNamespace({});
  const { entry } = await client.get({ key: "b" });
  expect({ deleted, entryCount, isThere: entry !== undefined }).toEqual({
    deleted: true,
    entryCount: 1n,
    isThere: false,
  });
  await store.close();
});
