import { describeStoreContract } from "../contracts/store-contract.ts";
import { openTestStore } from "../support/open-test-store.ts";

for (const locking of [false, true]) {
  describeStoreContract({
    name: locking ? "locking(sqlite)" : "sqlite",
    open: (limits) => openTestStore({ engine: "sqlite", limits: limits ?? {}, locking }),
  });
}
