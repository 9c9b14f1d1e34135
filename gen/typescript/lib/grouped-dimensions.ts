import type { Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../src/tiffin/analytics/v1/analytics_service_pb.ts";
import type { DimensionValue } from "./grouped-periods.ts";

/** A dimension, and all its paths. */
export interface GroupedDimension {
  readonly name: string;
  readonly values: readonly DimensionValue[];
}

/** All dimensions with all their paths, by name and path, page by page from ListDimensions. */
export async function groupedDimensions(
  client: Pick<Client<typeof AnalyticsService>, "listDimensions">,
): Promise<GroupedDimension[]> {
  const grouped = new Map<string, DimensionValue[]>();
  let pageToken = "";
  do {
    const page = await client.listDimensions({ pageSize, pageToken });
    for (const { name, path, icon, label, description } of page.dimensions) {
      const values = grouped.get(name) ?? [];
      values.push({ path, icon, label, description });
      grouped.set(name, values);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return [...grouped].map(([name, values]) => ({ name, values }));
}

/** The most that ListDimensions answers at once. */
const pageSize = 1000;
