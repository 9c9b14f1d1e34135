import type { JsonValue } from "@bufbuild/protobuf";
import { type Path, pathToString } from "@bufbuild/protobuf/reflect";
import { TiffinError } from "../../errors.ts";
import { cut } from "../cut.ts";
import { nameIn } from "../malformed-message.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { shownJson } from "./shown-json.ts";
import { type Fault, type UnreadablePart, unreadablePart } from "./unreadable-part.ts";

/**
 * The request that could not be read as JSON of its type: which of its fields is at fault, and what belongs there. Undefined
 * where no single field is, as in what is no JSON.
 */
export function malformedJson(
  { method, text }: Pick<HttpExchange, "method" | "text">,
  given: string,
): TiffinError | undefined {
  const { read } = text;
  if (method === undefined || read === undefined) return undefined;
  // JSON.parse takes the last of two, so what is left may well be readable; and depth is no part's own fault.
  if (/: duplicate object key "|recursion depth/.test(given)) return undefined;
  const json = parsed(read);
  const part = json === undefined ? undefined : unreadablePart(method.descriptor.input, json);
  return part && toError(part);
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toError({ path, fault }: UnreadablePart): TiffinError {
  const field = fieldOf(path, fault);
  const shown = fault.kind === "value" ? shownJson(path, fault.value) : undefined;
  const value = shown && cut(shown);
  const description = descriptionOf(fault, value);
  const where = field === "" ? description : `${field}: ${description}`;
  return new TiffinError("malformed_message", `the request cannot be read: ${where}`, {
    metadata: { ...(field !== "" && { field }), ...(value !== undefined && { value }) },
    ...(field !== "" && { violations: [{ field, description }] }),
  });
}

function fieldOf(path: Path, fault: Fault): string {
  // A key of a map that is no name may be a secret in the wrong place.
  const end = path.findIndex((step) => step.kind === "map_sub" && !nameIn(String(step.key)));
  const told = pathToString(end === -1 ? path : path.slice(0, end));
  const unknown = fault.kind === "unknown" ? nameIn(fault.name) : undefined;
  return [told, unknown].filter(Boolean).join(".");
}

function descriptionOf(fault: Fault, value: string | undefined): string {
  switch (fault.kind) {
    case "value": {
      const found = foundOf(fault.value, value);
      return `must be ${fault.expected}${found && `, is ${found}`}`;
    }
    case "unknown": {
      const name = nameIn(fault.name);
      return `${fault.message.typeName} has no field ${name === undefined ? "of that name" : `"${name}"`}`;
    }
    case "twice":
      return `is given twice, as ${fault.names.join(" and ")}`;
    case "oneof": {
      const both = fault.set.length === 2 ? "both" : "all";
      return `must be one of ${fault.members.join(", ")}: ${fault.set.join(" and ")} are ${both} set`;
    }
  }
}

function foundOf(sent: JsonValue, value: string | undefined): string {
  if (Array.isArray(sent)) return "a list";
  if (typeof sent === "object" && sent !== null) return "an object";
  if (value === undefined) return "";
  return typeof sent === "string" ? JSON.stringify(value) : value;
}
