import { describeEngineContract } from "../contracts/engine-contract.ts";
import { describeSharedEngineContract } from "../contracts/shared-engine-contract.ts";
import { describeStoreContract } from "../contracts/store-contract.ts";
import { faultNames, openFaultyServer } from "../support/shared-faults.ts";
import { openReplica } from "../support/shared-replica.ts";
import { openSharedServer } from "../support/shared-server.ts";

describeEngineContract({
  name: "shared, one quiet connection",
  async open(limits = {}) {
    const server = await openSharedServer({ limits });
    return { engine: server.connect(), clock: server.clock };
  },
});

for (const locking of [false, true]) {
  describeStoreContract({
    name: locking ? "locking(shared, one quiet connection)" : "shared, one quiet connection",
    async open(limits = {}) {
      const server = await openSharedServer({ limits });
      const { clock } = server;
      const { store } = openReplica(server.connect(), { instance: "test", clock, locking });
      return { store, clock };
    },
  });
}

describeSharedEngineContract({
  name: "a server that fails as it is told",
  open: openFaultyServer,
  faults: faultNames,
});
