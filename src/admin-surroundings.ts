import type { Surroundings } from "./admin/admin-room.ts";
import { kvSpaces } from "./kv/kv-spaces.ts";
import { namespaceNames } from "./kv/namespace-names.ts";
import { sessionSpaces } from "./session/session-spaces.ts";
import { purgeJobs } from "./store/core/purger.ts";
import { requestAgeSpace, requestSpace } from "./store/layers/request-memory.ts";
import { tenantSpace } from "./tenant/tenant-record.ts";

/** What the administration, as a room, may not know by itself: every other room's kinds of records. */
export const adminSurroundings: Surroundings = {
  tenantSpace,
  spaces: [...kvSpaces, ...sessionSpaces, requestSpace, requestAgeSpace],
  purgeJobs,
  namesOf: namespaceNames,
};
