import { setImmediate } from "node:timers/promises";
import type { HandlerContext } from "@connectrpc/connect";
import type {
  StreamSeriesRequest,
  StreamSeriesResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { Series } from "#gen/tiffin/analytics/v1/series_pb.ts";
import { rpcCallOf } from "../call.ts";
import { fragmentBytesMax, fragments } from "../fragments.ts";
import { throwIfOver } from "../store/call-end.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessageOrJson, bytesOfSeries } from "./answer-bytes.ts";
import { toSeriesFilter } from "./series-filter.ts";
import { toSeries } from "./to-series.ts";

/** By id, page by page: a series that is added meanwhile is there when its turn comes, one that is deleted is not. */
export async function* streamSeries(
  room: AnalyticsRoom,
  request: StreamSeriesRequest,
  context: HandlerContext,
): AsyncGenerator<StreamSeriesResponse> {
  const filter = toSeriesFilter(request.filter, "filter");
  const call = rpcCallOf(context);
  const bytesOf = (one: Series): number => bytesOfSeries(one, asMessageOrJson);
  await room.tenants.read(call, () => []);
  for (let afterId = 0; ; ) {
    const page = await room.series.list(call, filter, { afterId, limit: seriesPerPage });
    for (const series of fragments(page.map(toSeries), bytesOf, fragmentBytesMax(room.limits))) {
      yield { $typeName: "tiffin.analytics.v1.StreamSeriesResponse", series };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < seriesPerPage) return;
    afterId = last.id;
    await setImmediate();
    throwIfOver(call, room.clock.now());
  }
}

const seriesPerPage = 1000;
