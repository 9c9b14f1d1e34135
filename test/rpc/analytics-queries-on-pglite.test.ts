import { afterAll, beforeAll } from "vitest";
import { describeAnalyticsQueryContract } from "../contracts/rpc-analytics-query-contract.ts";
import { SharedSeries } from "../contracts/rpc-analytics-shared.ts";
import { openRpc } from "../contracts/rpc-subject.ts";

let shared: SharedSeries;
beforeAll(async () => {
  shared = await SharedSeries.open("pglite:");
}, 60_000);
afterAll(() => shared.close());

describeAnalyticsQueryContract({
  name: "grpc, on PGlite",
  open: (options) =>
    openRpc("grpc", {
      openSeries: async ({ clock, report }) => shared.forServer(clock, report),
      ...options,
    }),
});
