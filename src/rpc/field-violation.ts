import type { Message } from "@bufbuild/protobuf";
import { type Path, pathToString } from "@bufbuild/protobuf/reflect";
import type { Violation } from "@bufbuild/protovalidate";
import type { FieldViolation } from "../errors.ts";
import { cut } from "./cut.ts";

/** A broken rule as it is reported: which field, what is wrong and, unless it is a secret, what the value is. */
export function toFieldViolation(
  violation: Violation,
  request: Message,
): FieldViolation & { readonly value: string | undefined } {
  const field = pathToString(violation.field);
  const value = isRedacted(violation.field) ? undefined : shown(valueAt(request, violation.field));
  const description =
    value === undefined ? violation.message : `${violation.message}, is ${JSON.stringify(value)}`;
  return { field, description, value };
}

/** Whether any field on the way is declared a secret. */
export const isRedacted = (path: Path): boolean =>
  path.some((step) => "proto" in step && isSecret(step));

const isSecret = (step: Path[number]): boolean =>
  (step.kind === "field" || step.kind === "extension") && step.proto.options?.debugRedact === true;

/** The value a path leads to; undefined where it ends in a oneof, a message or nothing. */
function valueAt(request: Message, path: Path): unknown {
  let at: unknown = request;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = stepInto(at as Record<string, unknown>, step);
  }
  return at;
}

function stepInto(at: Record<string, unknown>, step: Path[number]): unknown {
  switch (step.kind) {
    case "field": {
      if (step.oneof === undefined) return at[step.localName];
      const chosen = at[step.oneof.localName] as { case?: string; value?: unknown } | undefined;
      return chosen?.case === step.localName ? chosen.value : undefined;
    }
    case "list_sub":
      return at[step.index];
    case "map_sub":
      return at[String(step.key)];
    case "oneof":
    case "extension":
      return undefined;
  }
}

function shown(value: unknown): string | undefined {
  if (typeof value === "string") return cut(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "bigint" ? String(value) : undefined;
}
