import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonValue,
  ScalarType,
} from "@bufbuild/protobuf";

/**
 * What JSON has to hold for a field, or for one of its values if it is a list or a map; follows "must be". Told of is what
 * the value there may have wrong: of quotes only where they are missing.
 */
export function expectedOf({ message, enum: named, scalar }: DescField, value: JsonValue): string {
  if (message !== undefined) return expectedOfMessage(message, value);
  if (named !== undefined) return expectedOfEnum(named);
  return expectedOfScalar(scalar ?? ScalarType.STRING, value);
}

export function expectedOfMessage({ typeName, fields }: DescMessage, value: JsonValue): string {
  const known = wellKnown.get(typeName);
  if (known !== undefined) return known;
  const [wrapped] = fields;
  const isWrapper = wrapped?.scalar !== undefined && /^google\.protobuf\.\w+Value$/.test(typeName);
  return isWrapper ? expectedOfScalar(wrapped.scalar, value) : "an object";
}

const wellKnown = new Map([
  ["google.protobuf.Timestamp", "an RFC 3339 instant with an offset, such as 2026-01-01T00:00:00Z"],
  ["google.protobuf.Duration", "a duration such as 3600s"],
  ["google.protobuf.FieldMask", "names of fields in lowerCamelCase, with commas between them"],
  ["google.protobuf.ListValue", "a list"],
  ["google.protobuf.Value", "a JSON value"],
]);

/** The name for "not said" is left out: to say nothing is simpler. */
function expectedOfEnum({ values }: DescEnum): string {
  const said = values.filter(({ number, name }) => number !== 0 || !name.endsWith("_UNSPECIFIED"));
  return `one of ${said.map(({ name }) => name).join(", ")}`;
}

function expectedOfScalar(scalar: ScalarType, value: JsonValue): string {
  switch (scalar) {
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return "a number";
    case ScalarType.BOOL:
      return "true or false";
    case ScalarType.STRING:
      return typeof value === "string" ? "a string without half of a surrogate pair" : "a string";
    case ScalarType.BYTES:
      return "a string in base64";
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return `a whole number from -2^63 to 2^63-1${quotesFor(value)}`;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return `a whole number from 0 to 2^64-1${quotesFor(value)}`;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return "a whole number from 0 to 2^32-1";
    default:
      return "a whole number from -2^31 to 2^31-1";
  }
}

const quotesFor = (value: JsonValue): string =>
  Number.isInteger(value) && !Number.isSafeInteger(value) ? "; from 2^53 on it goes in quotes" : "";
