import { describeEngineContract } from "../contracts/engine-contract.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";

for (const name of ["tiffin.db", "with a space, ü and 食.db"]) {
  describeEngineContract({
    name: `sqlite, in ${name}`,
    open: (limits = {}) => openTestSqlite({ name, limits }),
  });
}
