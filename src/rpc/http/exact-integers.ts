import { protoInt64 } from "@bufbuild/protobuf";

const parse = protoInt64.parse.bind(protoInt64);

/**
 * Has the JSON codec refuse a 64-bit integer that was written as a number no double holds exactly: `JSON.parse` has
 * rounded it before the codec sees it. The codec takes no option for that, so its parser is replaced, for all of it.
 */
export function refuseRoundedIntegers(): void {
  protoInt64.parse = (value) => {
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      throw new RangeError(`${value} may have been rounded`);
    }
    return parse(value);
  };
}
