import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "#gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "#gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { fetchThirdPartyProtos } from "../../scripts/third-party-protos.ts";
import { caught } from "../support/caught.ts";
import { openClient, transportNames } from "../support/clients.ts";
import { testNeeding } from "../support/needs.ts";
import { callRaw } from "../support/raw-grpc.ts";
import { requestRaw } from "../support/raw-http.ts";
import { type RunningServing, startServing } from "../support/start-serving.ts";

const run = promisify(execFile);

describe.each(transportNames)("health over %s", (name) => {
  test("says of the server and of each service that it serves", async () => {
    await using running = await startServing();
    const { client, close } = openClient(Health, name, running.target);
    for (const service of ["", KeyValueService.typeName]) {
      expect((await client.check({ service })).status).toBe(Status.SERVING);
    }
    const { statuses } = await client.list({});
    expect(Object.keys(statuses)).toContain(KeyValueService.typeName);
    const error = await caught(client.check({ service: "no.such.Service" }));
    expect([error.code, error.reason]).toEqual([Code.NotFound, "SERVICE_NOT_FOUND"]);
    close();
  });

  test("needs neither token nor tenant", async () => {
    await using running = await startServing({}, { config: { authToken: "0123456789abcdef" } });
    const headers = { "tiffin-tenant": "NOT A NAME" };
    const { client, close } = openClient(Health, name, { ...running.target, headers });
    expect((await client.check({})).status).toBe(Status.SERVING);
    close();
  });

  test("tells who watches when it changes, and ends the watch at the shutdown", async () => {
    await using running = await startServing();
    const { client, close } = openClient(Health, name, running.target);
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const { status } of client.watch({})) {
        seen.push(status);
        if (seen.length === 1) running.serving.health.serving = false;
        if (seen.length === 2) void running.serving.drain();
      }
    })();
    const error = await caught(watching);
    expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING]);
    expect([error.code, error.reason]).toEqual([Code.Unavailable, "SHUTTING_DOWN"]);
    close();
  });
});

test("readiness follows health, liveness does not", async () => {
  await using running = await startServing();
  const get = async (path: string) =>
    (await requestRaw(running.target.http, { method: "GET", path })).status;
  expect([await get("/readyz"), await get("/livez")]).toEqual([200, 200]);
  running.serving.health.serving = false;
  expect([await get("/readyz"), await get("/livez")]).toEqual([503, 200]);
});

describe.each([
  ["v1", ServerReflection],
  ["v1alpha", ServerReflectionAlpha],
] as const)("reflection %s", (_, service) => {
  async function ask(running: RunningServing, ...questions: object[]) {
    const { client, close } = openClient(service, "grpc", running.target);
    async function* requests() {
      for (const messageRequest of questions) yield { messageRequest } as never;
    }
    const answers = [];
    for await (const { messageResponse } of client.serverReflectionInfo(requests())) {
      answers.push(messageResponse);
    }
    close();
    return answers;
  }

  test("lists the services, health and itself among them", async () => {
    await using running = await startServing();
    const [answer] = await ask(running, { case: "listServices", value: "" });
    if (answer?.case !== "listServicesResponse") return expect.unreachable();
    expect(answer.value.service.map(({ name }) => name)).toEqual([
      KeyValueService.typeName,
      Health.typeName,
      ServerReflection.typeName,
      ServerReflectionAlpha.typeName,
    ]);
  });

  test("answers a symbol with files that stand by themselves", async () => {
    await using running = await startServing();
    for (const value of [
      KeyValueService.typeName,
      `${KeyValueService.typeName}.Get`,
      "tiffin.kv.v1.Value",
      "tiffin.kv.v1.EntryView",
    ]) {
      const [answer] = await ask(running, { case: "fileContainingSymbol", value });
      if (answer?.case !== "fileDescriptorResponse") return expect.unreachable(value);
      const files = answer.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      const file = inOrder(files);
      const registry = createFileRegistry({ $typeName: FileDescriptorSetSchema.typeName, file });
      expect(registry.getMessage("tiffin.kv.v1.Value")?.fields).toHaveLength(4);
    }
    return undefined;
  });

  test("knows the details of errors, so that tools can show them", async () => {
    await using running = await startServing();
    for (const value of ["google.rpc.ErrorInfo", "tiffin.error.v1.ErrorReason"]) {
      const [answer] = await ask(running, { case: "fileContainingSymbol", value });
      expect(answer?.case).toBe("fileDescriptorResponse");
    }
  });

  test("answers extensions, and what it does not know as not found", async () => {
    await using running = await startServing();
    const field = "google.protobuf.FieldOptions";
    const answers = await ask(
      running,
      { case: "allExtensionNumbersOfType", value: field },
      { case: "fileContainingExtension", value: { containingType: field, extensionNumber: 1159 } },
      { case: "fileContainingSymbol", value: "no.such.Type" },
      { case: "fileByFilename", value: "no/such/file.proto" },
      { case: undefined },
    );
    expect(answers[0]).toMatchObject({ value: { extensionNumber: [1159, 1160] } });
    expect(answers[1]?.case).toBe("fileDescriptorResponse");
    expect(answers[2]).toMatchObject({ value: { errorCode: Code.NotFound } });
    expect(answers[3]).toMatchObject({ value: { errorCode: Code.NotFound } });
    expect(answers[4]).toMatchObject({ value: { errorCode: Code.InvalidArgument } });
  });

  test("is behind the token, and can be switched off", async () => {
    const path = `/${service.typeName}/ServerReflectionInfo`;
    await using closed = await startServing({}, { config: { authToken: "0123456789abcdef" } });
    expect((await callRaw(closed.target.grpc, { path })).code).toBe(Code.Unauthenticated);
    await using off = await startServing({ TIFFIN_REFLECTION: "false" });
    expect((await callRaw(off.target.grpc, { path })).code).toBe(Code.Unimplemented);
  });
});

/** Imports first, as a registry wants them. Throws when one is missing. */
function inOrder(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const add = (name: string): void => {
    const file = files.find((each) => each.name === name);
    if (file === undefined) throw new Error(`${name} was not sent`);
    file.dependency.forEach(add);
    ordered.add(file);
  };
  for (const { name } of files) add(name);
  return [...ordered];
}

describe("buf curl over gRPC", () => {
  const curl = async (running: RunningServing, method: string, ...options: string[]) => {
    const url = `http://${running.target.grpc}/${method}`;
    const fixed = ["curl", "--protocol", "grpc", "--http2-prior-knowledge"];
    return (await run("node_modules/.bin/buf", [...fixed, ...options, url])).stdout;
  };
  const set = JSON.stringify({ key: "a", value: { json: { name: "Alice" } } });

  const setAndGet = async (...options: string[]): Promise<void> => {
    await using running = await startServing();
    await curl(running, `${KeyValueService.typeName}/Set`, "-d", set, ...options);
    const answer = await curl(running, `${KeyValueService.typeName}/Get`, "-d", '{"key":"a"}');
    expect(JSON.parse(answer)).toMatchObject({ entry: { value: { json: { name: "Alice" } } } });
  };

  test("calls by reflection v1", () => setAndGet());

  test("calls by reflection v1alpha", () => setAndGet("--reflect-protocol", "grpc-v1alpha"));

  testNeeding(["go"], "calls by the sources of the contract", () => {
    fetchThirdPartyProtos(".");
    return setAndGet("--schema", ".");
  });

  test("finds Health by reflection", async () => {
    await using running = await startServing();
    const answer = await curl(running, `${Health.typeName}/Check`, "-d", "{}");
    expect(JSON.parse(answer)).toEqual({ status: "SERVING" });
  });
});
