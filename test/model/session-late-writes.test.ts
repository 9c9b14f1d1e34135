import { expect, test } from "vitest";
import { sessionSpaces } from "../../src/session/session-spaces.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { durationOf, msOf } from "../contracts/rpc-messages.ts";
import { allSpaces } from "../support/open-test-store.ts";
import { settle } from "../support/settle.ts";
import { type Leg, type Network, quietNetwork } from "../support/shared-network.ts";
import { openReplica } from "../support/shared-replica.ts";
import { openSharedServer } from "../support/shared-server.ts";
import { openSessionCalls } from "./session-calls.ts";
import { rotate, touch, update } from "./session-contest.ts";

/** Holds the commits of the first process on their way, once it is told to. */
class HoldingNetwork implements Network {
  readonly wakes = quietNetwork.wakes;
  readonly #held = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  #holds = false;

  /** Answers when one is held. */
  hold(): Promise<void> {
    this.#holds = true;
    return this.#held.promise;
  }

  release(): void {
    this.#holds = false;
    this.#released.resolve();
  }

  async travel({ connection, call, way }: Leg): Promise<void> {
    if (!this.#holds || connection !== 0 || call !== "apply" || way !== "request") return;
    this.#held.resolve();
    await this.#released.promise;
  }
}

async function openTwo() {
  const network = new HoldingNetwork();
  const spaces = [...allSpaces, ...sessionSpaces, ...tenantSpaces];
  const server = await openSharedServer({ network, spaces });
  const { clock } = server;
  const [first, second] = ["first", "second"].map((instance) => {
    const { store } = openReplica(server.connect(), { instance, clock, spaces, background: false });
    return { store, calls: openSessionCalls(store, { clock }) };
  }) as [Opened, Opened];
  await ensureDefaultTenant(first.store);
  return { network, clock, first: first.calls, second: second.calls };
}

interface Opened {
  readonly store: ReturnType<typeof openReplica>["store"];
  readonly calls: ReturnType<typeof openSessionCalls>;
}

const policy = { idleTimeout: durationOf(1000), touchInterval: durationOf(0) };

for (const [name, operation] of Object.entries({ update, rotate, touch })) {
  test(`a touch is not undone by the ${name} that another process had worked out before it`, async () => {
    const { network, clock, first, second } = await openTwo();
    const { sessionId } = await second.call("create", { policy });
    clock.advance(500);
    const held = network.hold();
    const late = first.perform(operation(sessionId));
    await held;
    clock.advance(400);
    const touched = await second.call("touch", { sessionId });
    network.release();
    expect(await settle(clock, late)).toHaveProperty("answer");
    const { session } = await second.call("get", { sessionId, peek: true });
    expect(msOf(session?.idleExpireTime)).toBeGreaterThanOrEqual(msOf(touched.idleExpireTime) ?? 0);
  });
}
