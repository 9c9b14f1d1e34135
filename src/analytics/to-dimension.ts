import type { Dimension } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { DimensionEntry } from "../analytics-store/analytics-store.ts";

/** A path and what is said of it, as it is answered. */
export const toDimension = ({ dimension, ...said }: DimensionEntry): Dimension => ({
  $typeName: "tiffin.analytics.v1.Dimension",
  name: dimension,
  path: said.path,
  label: said.label,
  icon: said.icon,
  description: said.description,
});
