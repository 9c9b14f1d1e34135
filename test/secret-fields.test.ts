/** What the contract must not do with the fields that it declares secret (debug_redact). */
import { pathToFileURL } from "node:url";
import { createRegistry, type DescField, type DescMessage, hasOption } from "@bufbuild/protobuf";
import { nestedTypes, usedTypes } from "@bufbuild/protobuf/reflect";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { field as rules } from "#gen/buf/validate/validate_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { filesBelow } from "./support/project-files.ts";

const modules: Record<string, unknown>[] = await Promise.all(
  filesBelow("gen/typescript/src/tiffin")
    .filter((path) => path.endsWith("_pb.ts"))
    .map((path) => import(pathToFileURL(path).href)),
);
const registry = createRegistry(...modules.flatMap((module) => filesIn(module)));
const messages = [...registry].filter((type) => type.kind === "message");
const methods = [...registry].flatMap((type) => (type.kind === "service" ? type.methods : []));
const nameOf = (field: DescField): string => `${field.parent.typeName}.${field.name}`;

test("session ids are declared secret, wherever they stand", () => {
  const ids = messages.flatMap(({ fields }) => fields.filter(({ name }) => name === "session_id"));
  expect(ids.map(({ parent }) => parent.name)).toEqual(
    expect.arrayContaining(["CreateResponse", "GetRequest", "RotateRequest", "RotateResponse"]),
  );
  expect(ids.filter((field) => !isSecret(field)).map(nameOf)).toEqual([]);
  const tellsNone = ["Session", "Event", "ListResponse", "ListBySubjectResponse", "WatchResponse"];
  for (const message of messages) {
    if (!message.typeName.startsWith("tiffin.session.")) continue;
    if (tellsNone.includes(message.name)) expect(secretsOf(message)).toEqual([]);
  }
});

test("no method whose request holds a secret is free of side effects, so that none travels in a URL", () => {
  const secretive = methods.filter(({ input }) => secretsOf(input).length > 0);
  expect(secretive.map(({ name }) => name)).toEqual(["Get", "Update", "Touch", "Rotate", "Delete"]);
  const inUrls = secretive.filter(({ idempotency }) => idempotency === Level.NO_SIDE_EFFECTS);
  expect(inUrls.map(({ name }) => name)).toEqual([]);
});

test("no method of sessions is free of side effects", () => {
  const free = SessionService.methods.filter((each) => each.idempotency === Level.NO_SIDE_EFFECTS);
  expect(free.map(({ name }) => name)).toEqual([]);
});

test("no secret has a rule of its own, whose violation would tell it from others", () => {
  const secrets = messages.flatMap(({ fields }) => fields.filter(isSecret));
  expect(secrets.length).toBeGreaterThan(0);
  expect(secrets.filter((field) => hasOption(field, rules)).map(nameOf)).toEqual([]);
});

/** The secret fields of the message, and of all in it. */
function secretsOf(message: DescMessage): string[] {
  const within = [...usedTypes(message)].filter((type) => type.kind === "message");
  return [message, ...within].flatMap(({ fields }) => fields.filter(isSecret)).map(nameOf);
}

function isSecret({ proto }: DescField): boolean {
  return proto.options?.debugRedact === true;
}

function filesIn(module: Record<string, unknown>) {
  const files = Object.entries(module).filter(([name]) => name.startsWith("file_"));
  return files.flatMap(([, file]) => [...nestedTypes(file as Parameters<typeof nestedTypes>[0])]);
}
