import { expect, test } from "vitest";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { one } from "../contracts/rpc-analytics-parts.ts";
import { openClient } from "../support/clients.ts";
import { requestRaw } from "../support/raw-http.ts";
import { startApp } from "../support/start-app.ts";

test("metrics say how many series there are, and their bytes", async () => {
  await using running = await startApp();
  const { client, close } = openClient(AnalyticsService, "grpc", running.target);
  const gauges = async (): Promise<number[]> => {
    const { text } = await requestRaw(running.target.http, { method: "GET", path: "/metrics" });
    return ["series", "bytes"].map((name) =>
      Number(new RegExp(`^tiffin_analytics_${name} (\\d+)$`, "m").exec(text)?.[1]),
    );
  };
  expect((await gauges())[0]).toBe(0);
  await client.addSeries({ series: Array.from({ length: 1000 }, () => one()) });
  const [series, bytes = 0] = await gauges();
  expect(series).toBe(1000);
  expect(bytes).toBeGreaterThan(1000 * 8);
  await client.clearBySource({ source: "a" });
  expect((await gauges())[0]).toBe(0);
  close();
});
