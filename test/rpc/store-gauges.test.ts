import { expect, test } from "vitest";
import { callJson, requestRaw } from "../support/raw-http.ts";
import { startApp } from "../support/start-app.ts";

test("metrics say how many records the store holds, and their bytes", async () => {
  await using running = await startApp();
  const { http } = running.target;
  const gauges = async (): Promise<number[]> => {
    const { text } = await requestRaw(http, { method: "GET", path: "/metrics" });
    return ["records", "bytes"].map((name) =>
      Number(new RegExp(`^tiffin_store_${name} (\\d+)$`, "m").exec(text)?.[1]),
    );
  };
  // The first write in a namespace adds the namespace's own record too.
  await callJson(http, "Set", { key: "a", value: { text: "1" } });
  const [records = 0, bytes = 0] = await gauges();
  await callJson(http, "Set", { key: "b", value: { text: "2" } });
  const [more, moreBytes] = await gauges();
  expect(more).toBe(records + 1);
  expect(moreBytes).toBeGreaterThan(bytes);
  await callJson(http, "Delete", { key: "b" });
  expect(await gauges()).toEqual([records, bytes]);
});
