import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dayOf2024, january, one, type SeriesInit, stored } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsRefusals(subject: RpcUnderTest): void {
  describe("AddSeries refuses", () => {
    // One for all, as nothing is added.
    let rpc: RpcSubject;
    beforeAll(async () => {
      rpc = await subject.open();
    });
    afterAll(() => rpc.close());

    const bad: Record<string, readonly [SeriesInit, string]> = {
      "no source": [{ source: "" }, "source"],
      "a source with an empty segment": [{ source: "a//b" }, "source"],
      "a source with a segment that matches any": [{ source: "a/*" }, "source"],
      "a source of more than 1024 bytes": [{ source: "ä".repeat(513) }, "source"],
      "no metric": [{ metric: "" }, "metric"],
      "a metric of more than 255 bytes": [{ metric: "m".repeat(256) }, "metric"],
      "a metric with a NUL": [{ metric: "a\u0000" }, "metric"],
      "an end before the start": [{ endTime: timestampFromMs(january - 1) }, "end_time"],
      "a function that there is not": [{ fn: "single" }, "fn"],
      "a DssVest without an end": [{ fn: "DssVest" }, "end_time"],
      "a unit of more than 255 bytes": [{ unit: "u".repeat(256) }, "unit"],
      "a path that stands for none": [{ dimensions: { d: "?" } }, "dimensions[d]"],
      "a dimension without a name": [{ dimensions: { "": "a" } }, "dimensions"],
      "too many dimensions": [
        { dimensions: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`d${at}`, "a"])) },
        "dimensions",
      ],
      "a cliff that is no instant": [
        { fn: "DssVest", endTime: dayOf2024(1), params: { cliff: "soon" } },
        "params.cliff",
      ],
      "params of more than 4 KiB": [{ params: { text: "x".repeat(4096) } }, "params"],
      "metadata of a path that is none": [
        { dimensionMetadata: [{ dimension: "d", path: "a//b" }] },
        "dimension_metadata[0].path",
      ],
      "a label of more than 1024 bytes": [
        { dimensionMetadata: [{ dimension: "d", path: "a", label: "l".repeat(1025) }] },
        "dimension_metadata[0].label",
      ],
    };
    for (const [name, [init, field]] of Object.entries(bad)) {
      test(`${name} is refused by row and field, and nothing is added`, async () => {
        const series = [one(), one(), one(init), one(init)];
        expect(await failureOf(rpc.analytics.addSeries({ series }))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [`series[2].${field}`],
        });
        expect(await stored(rpc)).toEqual([]);
      });
    }

    test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      "a value of %d is refused by row and field",
      async (value) => {
        const failure = await failureOf(
          rpc.analytics.addSeries({ series: [one(), one({ value })] }),
        );
        expect(failure).toMatchObject({ reason: "INVALID_FIELD", fields: ["series[1].value"] });
        expect(await stored(rpc)).toEqual([]);
      },
    );
  });
}
