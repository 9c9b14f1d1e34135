import {
  Boundary as BoundaryMessage,
  type Comparison,
  EmptyPeriods,
  type Order,
  OrderBy,
  type SeriesQuery,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import type {
  Aggregate,
  Boundary,
  CellFilter,
  Selection,
} from "../analytics-store/analytics-store.ts";
import { invalidField } from "../errors.ts";
import { toAggregate } from "./aggregate.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toPeriodUnit } from "./granularity.ts";
import type { PeriodUnit } from "./periods.ts";
import { type AskedRange, toAskedRange } from "./query-range.ts";
import { checkDistinct } from "./selection.ts";
import { toCellFilter } from "./series-filter.ts";
import type { TimeZone } from "./time-zone.ts";

/** A query that was found good. */
export interface Question {
  /** But for `select`, which is part of the filter as well. */
  readonly filter: CellFilter;
  readonly select: readonly Selection[];
  readonly range: AskedRange;
  readonly unit: PeriodUnit;
  readonly zone: TimeZone;
  readonly boundary: Boundary;
  readonly aggregates: readonly Aggregate[];
  readonly order: GroupOrder;
  /** 0: all. */
  readonly top: number;
  readonly leavesOutEmpty: boolean;
  readonly comparison: Comparison | undefined;
}

export interface GroupOrder {
  readonly by: OrderBy;
  /** For an order by an aggregate. */
  readonly aggregate: Aggregate | undefined;
  readonly descending: boolean;
}

/** Checks what the contract's rules cannot say, naming what is refused by its place in the request. */
export function toQuestion({ calendar, clock }: AnalyticsRoom, query: SeriesQuery): Question {
  const { select = [], ...filter } = toCellFilter(query, "query");
  checkDistinct(select, "query.select");
  const zone = calendar.zone(query.timeZone, "query.time_zone");
  return {
    ...{ filter, select, zone },
    range: toAskedRange(query, { zone, now: clock.now() }),
    unit: toPeriodUnit(query.granularity, query.weekStart),
    boundary: query.boundary === BoundaryMessage.LEFT_OPEN ? "left_open" : "right_open",
    aggregates: query.aggregates.map((one, index) =>
      toAggregate(one, `query.aggregates[${index}]`),
    ),
    order: toGroupOrder(query.order),
    top: query.top,
    leavesOutEmpty: query.emptyPeriods === EmptyPeriods.OMIT,
    comparison: query.compare,
  };
}

function toGroupOrder(order: Order | undefined): GroupOrder {
  const { by = OrderBy.UNSPECIFIED, aggregate, descending = false } = order ?? {};
  if (by === OrderBy.AGGREGATE) {
    if (aggregate === undefined) throw invalidField("query.order.aggregate", "is required");
    return { by, aggregate: toAggregate(aggregate, "query.order.aggregate"), descending };
  }
  if (aggregate === undefined) return { by, aggregate, descending };
  throw invalidField("query.order.aggregate", "is said for AGGREGATE alone");
}
