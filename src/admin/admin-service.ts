import type { ServiceImpl } from "@connectrpc/connect";
import type { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { AdminRoom } from "./admin-room.ts";
import { check } from "./check.ts";
import { exportTenants } from "./export-tenants.ts";
import { importTenants } from "./import-tenants.ts";
import { info } from "./info.ts";
import { stats } from "./stats.ts";

/** The administration: each method of the contract. Its store was opened with `adminSpaces`. */
export function createAdminService(room: AdminRoom): ServiceImpl<typeof AdminService> {
  return {
    info: () => info(room),
    stats: (request, context) => stats(room, request, context),
    check: () => check(room),
    export: (request, context) => exportTenants(room, request, context),
    import: (requests, context) => importTenants(room, requests, context),
  };
}
