import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { StartRefusal } from "../../src/store/start-refusal.ts";
import { one } from "../contracts/rpc-analytics-parts.ts";
import { openClient } from "../support/clients.ts";
import { startApp } from "../support/start-app.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const startWith = (url: string) => startApp({ TIFFIN_ANALYTICS_URL: url });

test("a database that is not reached refuses the start, and its password is not told", async () => {
  const failure: unknown = await startWith("postgres://u:hunter2@127.0.0.1:1/x").catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(StartRefusal);
  const { message } = failure as StartRefusal;
  expect(message).toContain("TIFFIN_ANALYTICS_URL");
  expect(message).not.toContain("hunter2");
});

test("a folder that cannot be used refuses the start", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  await expect(startWith(`pglite:${file}`)).rejects.toThrow(
    "the store of analytics cannot be opened",
  );
});

test("a folder in which none can be made refuses the start, at once", async () => {
  for (const folder of ["/proc/tiffin", "/proc/tiffin/series"]) {
    await expect(startWith(`pglite:${folder}`)).rejects.toThrow("ENOENT");
  }
});

test("series on disk are found again by their tenant's name, beside a store in memory", async () => {
  const url = `pglite:${join(temporaryFolder(), "series")}`;
  for (const count of [1n, 2n]) {
    await using running = await startWith(url);
    const { client, close } = openClient(AnalyticsService, "grpc", running.target);
    const { firstId } = await client.addSeries({ series: [one()] });
    expect(firstId).toBe(count);
    const { series } = await client.listSeries({});
    expect(series).toHaveLength(Number(count));
    close();
  }
}, 60_000);
