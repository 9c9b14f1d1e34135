import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  AnalyticsService,
  QueryRequestSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { callContext } from "../../test/support/call-context.ts";
import { openAnalyticsRoom } from "../../test/support/open-analytics-room.ts";
import { query } from "./query.ts";
import { QueryProfile } from "./query-profile.ts";

const context = callContext(AnalyticsService.method.query);

test("how long each stage of a query took is logged, and the plan of one that asks for its profile", async () => {
  await using opened = await openAnalyticsRoom();
  const dimensions = { project: "secret" };
  const series = [{ source: "s", metric: "m", start: 5, value: 1, dimensions }];
  await opened.room.series.add({ tenant: "default" }, { series });
  for (const profile of [false, true]) {
    const request = create(QueryRequestSchema, {
      query: { granularity: Granularity.TOTAL, select: [{ dimension: "project" }] },
      profile,
    });
    await query(opened.room, request, context);
  }
  const [[plain, message] = [], [profiled] = []] = opened.logged;
  expect(message).toBe("analytics query answered");
  expect(plain).toMatchObject({ periods: 1, groups: 1, stages_ms: { engine: expect.any(Number) } });
  expect(plain).not.toHaveProperty("plan");
  expect(profiled).toHaveProperty("plan");
  expect(JSON.stringify(opened.logged)).not.toContain("secret");
});

test("a stage that comes again is added to, and a plan that comes again is told once", () => {
  const profile = new QueryProfile(true);
  for (const ms of [1.25, 2000.000_000_4]) profile.stage("a", ms);
  for (const plan of ["x", "y", "x"]) profile.plan(plan);
  expect(profile.toMessage()).toMatchObject({
    stages: [{ name: "a", duration: { seconds: 2n, nanos: 1_250_000 } }],
    plan: "x\n\ny",
  });
});
