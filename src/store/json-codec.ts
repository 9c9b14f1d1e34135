import type { Codec } from "./space.ts";

/** Values that are plain JSON: small records that a person may want to read in the database. */
export function jsonCodec<V>(): Codec<V> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) =>
      JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as V,
    size: (value) => Buffer.byteLength(JSON.stringify(value)),
  };
}
