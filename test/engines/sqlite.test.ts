import { describeEngineContract } from "../contracts/engine-contract.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";

describeEngineContract({
  name: "sqlite",
  open: (limits = {}) => openTestSqlite({ limits }),
});
