import { type DescField, type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { expectedOf, expectedOfMessage } from "./expected-json.ts";

/** The smallest part of a JSON request that its type refuses. */
export interface UnreadablePart {
  readonly path: Path;
  readonly fault: Fault;
}

export type Fault =
  | { readonly kind: "value"; readonly value: JsonValue; readonly expected: string }
  | { readonly kind: "unknown"; readonly name: string; readonly message: DescMessage }
  | { readonly kind: "twice"; readonly names: readonly string[] }
  | { readonly kind: "oneof"; readonly members: readonly string[]; readonly set: string[] };

type JsonObject = { [name: string]: JsonValue };

/**
 * Finds what is refused in JSON that is, by having the codec read each part alone: once, but for those beside what is found,
 * so that it takes little longer than the codec did. Undefined where no part is refused by itself, as where one is nested too deep.
 */
export function unreadablePart(
  message: DescMessage,
  json: JsonValue,
  path: Path = [],
): UnreadablePart | undefined {
  if (!isObject(json)) return refused(path, json, expectedOfMessage(message, json));
  for (const [name, value] of Object.entries(json)) {
    const field = fieldNamed(message, name);
    if (field === undefined) return { path, fault: { kind: "unknown", name, message } };
    // To the codec null says that the field is not set.
    const found = value === null ? undefined : inField(field, value, [...path, field]);
    if (found !== undefined) return found;
  }
  return conflict(message, json, path);
}

function inField(field: DescField, value: JsonValue, path: Path): UnreadablePart | undefined {
  switch (field.fieldKind) {
    case "list":
      return Array.isArray(value) ? inList(field, value, path) : refused(path, value, "a list");
    case "map":
      return isObject(value) ? inMap(field, value, path) : refused(path, value, "an object");
    default:
      return inValue({ field, value, written: value }, path);
  }
}

function inList(field: DescField, items: JsonValue[], path: Path): UnreadablePart | undefined {
  const refusedAmong = (some: JsonValue[], from: number): UnreadablePart | undefined =>
    firstFound(some, (value, index) =>
      inValue({ field, value, written: [value] }, [
        ...path,
        { kind: "list_sub", index: from + index },
      ]),
    );
  return inBlocks(items, (some) => reads(field, some), refusedAmong);
}

function inMap(field: DescField, map: JsonObject, path: Path): UnreadablePart | undefined {
  const refusedAmong = (some: [string, JsonValue][]): UnreadablePart | undefined =>
    firstFound(some, ([key, value]) =>
      inValue({ field, value, written: { [key]: value } }, [...path, { kind: "map_sub", key }]),
    );
  return inBlocks(
    Object.entries(map),
    (some) => reads(field, Object.fromEntries(some)),
    refusedAmong,
  );
}

/** The field's value, or one of those in its list or map; and that as JSON for the field with nothing else. */
interface Single {
  readonly field: DescField;
  readonly value: JsonValue;
  readonly written: JsonValue;
}

function inValue({ field, value, written }: Single, path: Path): UnreadablePart | undefined {
  const { message } = field;
  if (message !== undefined && !hasCustomJsonRepresentation(message) && value !== null) {
    return unreadablePart(message, value, path);
  }
  return reads(field, written) ? undefined : refused(path, value, expectedOf(field, value));
}

/** Has many read at once, since to read one alone takes several times as long. */
function inBlocks<Item>(
  items: Item[],
  readsAll: (some: Item[]) => boolean,
  refusedAmong: (some: Item[], from: number) => UnreadablePart | undefined,
): UnreadablePart | undefined {
  if (items.length === 1) return refusedAmong(items, 0);
  for (let from = 0; from < items.length; from += blockLength) {
    const some = items.slice(from, from + blockLength);
    const found = readsAll(some) ? undefined : refusedAmong(some, from);
    if (found !== undefined) return found;
  }
  return undefined;
}

const blockLength = 64;

function firstFound<Item, Found>(
  items: Item[],
  find: (item: Item, index: number) => Found | undefined,
): Found | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Members that could be read, each alone. */
function conflict(message: DescMessage, json: JsonObject, path: Path): UnreadablePart | undefined {
  const names = Object.keys(json);
  for (const field of message.fields) {
    const given = names.filter((name) => fieldNamed(message, name) === field);
    if (given.length > 1) return { path: [...path, field], fault: { kind: "twice", names: given } };
  }
  for (const oneof of message.oneofs) {
    // To the codec null is no value of a scalar, and says that a message is not set after all.
    const set = oneof.fields.filter(({ name, jsonName, scalar }) =>
      names.some(
        (given) =>
          (given === name || given === jsonName) && (scalar === undefined || json[given] !== null),
      ),
    );
    if (set.length < 2) continue;
    const members = oneof.fields.map(({ name }) => name);
    const fault = { kind: "oneof", members, set: set.map(({ name }) => name) } as const;
    return { path: [...path, oneof], fault };
  }
  return undefined;
}

const refused = (path: Path, value: JsonValue, expected: string): UnreadablePart => ({
  path,
  fault: { kind: "value", value, expected },
});

const fieldNamed = (message: DescMessage, given: string): DescField | undefined =>
  message.fields.find(({ name, jsonName }) => given === name || given === jsonName);

function reads({ parent, name }: DescField, json: JsonValue): boolean {
  try {
    fromJson(parent, { [name]: json });
    return true;
  } catch {
    return false;
  }
}

const isObject = (json: JsonValue): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);
