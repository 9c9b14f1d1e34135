/** Series in a folder of PGlite's, in the whole server as users run it: killed under load. */
import { join } from "node:path";
import type { Client } from "@connectrpc/connect";
import { Code } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { toNewSeries } from "../../gen/typescript/lib/analytics-series.ts";
import { caught } from "../support/caught.ts";
import { openClient } from "../support/clients.ts";
import { startProcess } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// Processes are started, on a machine that others may use too; PGlite takes a while.
vi.setConfig({ testTimeout: 120_000 });

const lives = 2;
const writers = 4;
const batchSize = 7;

test("a server killed under load has every acknowledged batch when it is started again, whole, and repeats its answer", async () => {
  const url = `pglite:${join(temporaryFolder(), "series")}`;
  const acknowledged = new Map<string, bigint>();
  for (let life = 0; life < lives; life++) {
    await using running = await startProcess({ TIFFIN_ANALYTICS_URL: url });
    const { client, close } = openClient(AnalyticsService, "grpc", running);
    const enough = (life + 1) * 40;
    const write = async (writer: number): Promise<void> => {
      for (let number = 0; ; number++) {
        const name = `${life}-${writer}-${number}`;
        const { firstId } = await add(client, name);
        acknowledged.set(name, firstId);
        if (acknowledged.size >= enough) running.child.kill("SIGKILL");
      }
    };
    const written = Array.from({ length: writers }, (_, writer) => caught(write(writer)));
    for (const { code } of await Promise.all(written)) expect(code).toBe(Code.Unavailable);
    close();
  }
  await using running = await startProcess({ TIFFIN_ANALYTICS_URL: url });
  const { client, close } = openClient(AnalyticsService, "grpc", running);
  const found = await idsBySource(client);
  for (const [name, firstId] of acknowledged) {
    const expected = Array.from({ length: batchSize }, (_, index) => firstId + BigInt(index));
    expect(found.get(name), name).toEqual(expected);
  }
  // What was not acknowledged is there whole, or not at all.
  for (const ids of found.values()) expect(ids.length).toBe(batchSize);
  const [name = "", firstId] = [...acknowledged].at(-1) ?? [];
  expect((await add(client, name)).firstId).toBe(firstId);
  expect(await idsBySource(client)).toEqual(found);
  close();
});

const add = (client: Client<typeof AnalyticsService>, name: string) =>
  client.addSeries({ requestId: name, series: Array.from({ length: batchSize }, () => one(name)) });

const one = (source: string) =>
  toNewSeries({
    ...{ source, metric: "Crash", start: new Date("2026-01-01"), value: 1 },
    dimensions: { path: `a/${source}` },
  });

async function idsBySource(
  client: Client<typeof AnalyticsService>,
): Promise<Map<string, bigint[]>> {
  const found = new Map<string, bigint[]>();
  for await (const { series } of client.streamSeries({})) {
    for (const { source, id } of series) found.set(source, [...(found.get(source) ?? []), id]);
  }
  return found;
}
