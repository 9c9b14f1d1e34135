/** What cannot be read is told by the whole path of its field, with what is there and what belongs there. */
import { gzipSync } from "node:zlib";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type BadRequest, BadRequestSchema } from "#gen/google/rpc/error_details_pb.ts";
import { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { ExportPartSchema } from "#gen/tiffin/admin/v1/export_pb.ts";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { openClient } from "../support/clients.ts";
import { frame } from "../support/raw-grpc.ts";
import { requestRaw } from "../support/raw-http.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";

interface Told {
  readonly code: string;
  readonly message: string;
  readonly field: string | undefined;
  readonly description: string | undefined;
  readonly metadata: Record<string, string>;
}

interface SentError {
  readonly code: string;
  readonly message: string;
  readonly details: readonly {
    readonly type: string;
    readonly value: string;
    readonly debug?: { readonly reason?: string; readonly metadata?: Record<string, string> };
  }[];
}

function toldBy(error: SentError): Told {
  const { code, message, details } = error;
  const info = details.find(({ type }) => type === "google.rpc.ErrorInfo");
  expect(info?.debug?.reason).toBe("MALFORMED_MESSAGE");
  const sent = details.find(({ type }) => type === "google.rpc.BadRequest");
  const bad: BadRequest | undefined =
    sent && fromBinary(BadRequestSchema, Buffer.from(sent.value, "base64"));
  const { field, description } = bad?.fieldViolations[0] ?? {};
  return { code, message, field, description, metadata: info?.debug?.metadata ?? {} };
}

interface Sent {
  readonly method: string;
  readonly body: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

async function refusalOf(
  { target }: RunningApp,
  { method, body, headers = {} }: Sent,
): Promise<Told> {
  const answer = await requestRaw(target.http, {
    path: `/${AnalyticsService.typeName}/${method}`,
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  expect(answer.status).toBe(400);
  return toldBy(JSON.parse(answer.text));
}

const good = { source: "a", metric: "m", startTime: "2026-01-01T00:00:00Z", value: 1 };
const fourth = (wrong: object): object => ({ series: [good, good, good, { ...good, ...wrong }] });
const instant = "must be an RFC 3339 instant with an offset, such as 2026-01-01T00:00:00Z";

describe("the field that cannot be read is told by its whole path, with its value and what belongs there", () => {
  test.each<[string, string, string, object]>([
    [
      "Query",
      "query.start_time",
      `${instant}, is "2026-01-01"`,
      { query: { startTime: "2026-01-01" } },
    ],
    ["Query", "query.start_time", `${instant}, is 5`, { query: { start_time: 5 } }],
    [
      "SetRetention",
      "rules[1].age",
      'must be a duration such as 3600s, is "5 days"',
      { rules: [{ source: "a", count: 1 }, { age: "5 days" }] },
    ],
    [
      "SetRetention",
      "rules[0].keep",
      "must be one of age, count: age and count are both set",
      { rules: [{ age: "3600s", count: 1 }] },
    ],
    ["AddSeries", "series[3].value", 'must be a number, is "x"', fourth({ value: "x" })],
    [
      "AddSeries",
      "series[3].valu",
      'tiffin.analytics.v1.NewSeries has no field "valu"',
      fourth({ valu: 1 }),
    ],
    [
      "AddSeries",
      'series[3].dimensions["region"]',
      "must be a string, is 5",
      fourth({ dimensions: { room: "a", region: 5 } }),
    ],
    [
      "AddSeries",
      "series[3].dimensions",
      "must be an object, is a list",
      fourth({ dimensions: [] }),
    ],
    ["AddSeries", "series[3].params", "must be an object, is a list", fourth({ params: [] })],
    ["AddSeries", "series[1]", "must be an object, is null", { series: [good, null] }],
    ["AddSeries", "series", "must be a list, is an object", { series: good }],
    [
      "AddSeries",
      "series[3].start_time",
      "is given twice, as startTime and start_time",
      fourth({ start_time: good.startTime }),
    ],
    [
      "ListSeries",
      "filter.ids[2]",
      'must be a whole number from -2^63 to 2^63-1, is "x"',
      { filter: { ids: ["1", 2, "x"] } },
    ],
    [
      "ListSeries",
      "filter.ids[0]",
      'must be a whole number from -2^63 to 2^63-1, is "9223372036854775808"',
      { filter: { ids: ["9223372036854775808"] } },
    ],
    [
      "ListSeries",
      "page_size",
      "must be a whole number from -2^31 to 2^31-1, is 1.5",
      { pageSize: 1.5 },
    ],
  ])("%s, %s: %s", async (...[method, field, description, body]) => {
    await using running = await startApp();
    const told = await refusalOf(running, { method, body: JSON.stringify(body) });
    expect(told).toMatchObject({ code: "invalid_argument", field, description });
    expect(told.message).toBe(`the request cannot be read: ${field}: ${description}`);
    expect(told.metadata["field"]).toBe(field);
  });

  test.each(["GRANULARITY_SECOND", "monthly"])(
    "an unknown name is told with all that its enum has: %s",
    async (granularity) => {
      await using running = await startApp();
      const body = JSON.stringify({ query: { granularity } });
      const told = await refusalOf(running, { method: "Query", body });
      expect(told.field).toBe("query.granularity");
      expect(told.metadata).toEqual({ field: "query.granularity", value: granularity });
      expect(told.message).toMatch(/must be one of GRANULARITY_TOTAL, .*, GRANULARITY_\w+, is "/);
      expect(told.message).toContain(`is "${granularity}"`);
      expect(told.description).toContain("must be one of GRANULARITY_TOTAL, ");
    },
  );
});

describe("the field is told however the request comes", () => {
  const streamed = { "content-type": "application/connect+json" };
  const wrong = frame(Buffer.from('{"filter":{"startTime":"2026"}}'));
  const path = `/${AnalyticsService.typeName}/StreamSeries`;

  test("compressed", async () => {
    await using running = await startApp();
    const body = gzipSync(JSON.stringify(fourth({ value: "x" })));
    const headers = { "content-encoding": "gzip" };
    const told = await refusalOf(running, { method: "AddSeries", body, headers });
    expect(told.field).toBe("series[3].value");
  });

  test("in the URL", async () => {
    await using running = await startApp();
    const message = encodeURIComponent('{"query":{"startTime":"2026"}}');
    const url = `/${AnalyticsService.typeName}/Query?encoding=json&message=${message}`;
    const answer = await requestRaw(running.target.http, { method: "GET", path: url });
    expect(toldBy(JSON.parse(answer.text)).field).toBe("query.start_time");
  });

  test("to a method that answers a stream", async () => {
    await using running = await startApp();
    const sent = { path, body: wrong, headers: streamed };
    const { text } = await requestRaw(running.target.http, sent);
    expect(toldBy(errorEnding(text))).toMatchObject({
      field: "filter.start_time",
      description: `${instant}, is "2026"`,
    });
  });

  test("over gRPC-Web", async () => {
    await using running = await startApp();
    const headers = { "content-type": "application/grpc-web+json" };
    const { text } = await requestRaw(running.target.http, { path, body: wrong, headers });
    expect(decodeURIComponent(text)).toContain(`filter.start_time: ${instant}`);
  });

  test("as the second of a stream of requests", async () => {
    await using running = await startApp();
    const admin = openClient(AdminService, "grpc", running.target);
    const exported = admin.client.export({})[Symbol.asyncIterator]();
    const first = (await exported.next()).value?.part ?? expect.unreachable();
    await exported.return?.();
    admin.close();
    const requests = [{ part: toJson(ExportPartSchema, first) }, { part: { trailer: 5 } }];
    const body = Buffer.concat(requests.map((each) => frame(Buffer.from(JSON.stringify(each)))));
    const importing = { path: `/${AdminService.typeName}/Import`, body, headers: streamed };
    const { text } = await requestRaw(running.target.http, importing);
    expect(toldBy(errorEnding(text))).toMatchObject({
      field: "part.trailer",
      description: "must be an object, is 5",
    });
  });

  test("beside others that are read at the same time", async () => {
    await using running = await startApp();
    const calls = Array.from({ length: 20 }, async (_, index) => {
      const series = [...Array(index).fill(good), { ...good, value: "x" }];
      const body = JSON.stringify({ series });
      const told = await refusalOf(running, { method: "AddSeries", body });
      expect(told.field).toBe(`series[${index}].value`);
    });
    await Promise.all(calls);
  });
});

const errorEnding = (text: string): SentError =>
  (JSON.parse(text.slice(text.indexOf("{"))) as { readonly error: SentError }).error;

describe("a text that is nothing like what belongs there may be a secret, and is not told", () => {
  test.each<[string, string, object]>([
    ["Query", "query.start_time", { query: { startTime: "hunter2" } }],
    ["Query", "query.granularity", { query: { granularity: "HUNTER2" } }],
    ["SetRetention", "rules[0].age", { rules: [{ age: "hunter2" }] }],
    ["AddSeries", "series[3].value", fourth({ value: "hunter2" })],
    ["AddSeries", "series[3].dimensions", fourth({ dimensions: { "hunter2 ": 5 } })],
    ["AddSeries", "series[3].params", fourth({ params: "hunter2" })],
    ["AddSeries", "series[3]", fourth({ "hunter2 ": "hunter2" })],
  ])("%s, %s", async (...[method, field, body]) => {
    await using running = await startApp();
    const told = await refusalOf(running, { method, body: JSON.stringify(body) });
    expect(told.field).toBe(field);
    expect(JSON.stringify([told, running.logged])).not.toMatch(/hunter2/i);
  });
});
