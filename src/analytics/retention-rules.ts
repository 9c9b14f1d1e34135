import type { RetentionRule as RuleMessage } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { RetentionRule, RollupPeriod } from "../analytics-store/analytics-store.ts";
import { checkedName } from "../analytics-store/checked-series.ts";
import { checkedPath } from "../analytics-store/path.ts";
import { durationToMs, msToDuration } from "../duration.ts";
import { invalidField } from "../errors.ts";

/** The rule as the store keeps it. `field` is where it stands. */
export function toRetentionRule({ of, keep, rollUp }: RuleMessage, field: string): RetentionRule {
  return {
    ...(of.case === "source" && { source: checkedPath(of.value, `${field}.source`) }),
    ...(of.case === "metric" && { metric: checkedName(of.value, `${field}.metric`) }),
    ...toKept(keep, field),
    rollUp: periods.get(rollUp),
  };
}

/** The rule as it is answered. */
export function toRuleMessage({
  source,
  metric,
  ageMs,
  count,
  rollUp,
}: RetentionRule): RuleMessage {
  const of =
    source === undefined ? { case: "metric", value: metric } : { case: "source", value: source };
  const keep =
    ageMs === undefined
      ? { case: "count", value: BigInt(count ?? 0) }
      : { case: "age", value: msToDuration(ageMs) };
  const rolledUp = [...periods].find(([, period]) => period === rollUp);
  return {
    $typeName: "tiffin.analytics.v1.RetentionRule",
    of: (of.value === undefined ? { case: undefined } : of) as RuleMessage["of"],
    keep: keep as RuleMessage["keep"],
    rollUp: rolledUp?.[0] ?? Granularity.UNSPECIFIED,
  };
}

function toKept(keep: RuleMessage["keep"], field: string): Pick<RetentionRule, "ageMs" | "count"> {
  switch (keep.case) {
    case "age":
      return { ageMs: checkedAge(durationToMs(keep.value, `${field}.age`), `${field}.age`) };
    case "count":
      return { count: checkedCount(keep.value, `${field}.count`) };
    case undefined:
      throw invalidField(`${field}.keep`, "is required");
  }
}

function checkedAge(ms: number, field: string): number {
  if (ms >= ageMsMin && Number.isSafeInteger(ms)) return ms;
  throw invalidField(field, "must be a second at the least", `${ms}ms`);
}

function checkedCount(count: bigint, field: string): number {
  const number = Number(count);
  if (Number.isSafeInteger(number)) return number;
  throw invalidField(field, "is more than there can be", String(count));
}

const periods = new Map<Granularity, RollupPeriod>([
  [Granularity.HOURLY, "hourly"],
  [Granularity.DAILY, "daily"],
  [Granularity.MONTHLY, "monthly"],
]);

const ageMsMin = 1000;
