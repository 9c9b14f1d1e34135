import type { HandlerContext } from "@connectrpc/connect";
import type {
  UpdateDimensionRequest,
  UpdateDimensionResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { Dimension } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { DimensionMetadata } from "../analytics-store/analytics-store.ts";
import { checkedMetadata, checkedName } from "../analytics-store/checked-series.ts";
import { rpcCallOf } from "../call.ts";
import { invalidField } from "../errors.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toDimension } from "./to-dimension.ts";
import { writeUnderTenant } from "./write-under-tenant.ts";

export async function updateDimension(
  room: AnalyticsRoom,
  { dimension, updateMask }: UpdateDimensionRequest,
  context: HandlerContext,
): Promise<UpdateDimensionResponse> {
  if (dimension === undefined) throw invalidField("dimension", "is required");
  const metadata = toMetadata(dimension, updateMask?.paths ?? []);
  const entry = await writeUnderTenant(room, rpcCallOf(context), (call) =>
    room.series.updateDimension(call, metadata),
  );
  return {
    $typeName: "tiffin.analytics.v1.UpdateDimensionResponse",
    dimension: toDimension(entry),
  };
}

/** The fields that the mask names; none named: all of them. */
function toMetadata(dimension: Dimension, mask: readonly string[]): DimensionMetadata {
  for (const path of mask) {
    if (path === "*" || isMaskable(path)) continue;
    throw invalidField("update_mask", "expected label, icon and description, or *", path);
  }
  const named = mask.length === 0 || mask.includes("*") ? maskable : mask.filter(isMaskable);
  const said = Object.fromEntries(named.map((field) => [field, dimension[field]]));
  const name = checkedName(dimension.name, "dimension.name");
  return checkedMetadata({ dimension: name, path: dimension.path, ...said }, "dimension");
}

const maskable = ["label", "icon", "description"] as const;
const isMaskable = (path: string): path is (typeof maskable)[number] =>
  (maskable as readonly string[]).includes(path);
