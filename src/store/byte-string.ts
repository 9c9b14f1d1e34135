import type { Codec } from "./space.ts";

/**
 * Bytes as a string with one char (0 to 255) a byte. Immutable and of its own, where a view would keep the
 * frame it was received in alive, and where a million small ArrayBuffers stall the collector: docs/performance.md.
 */
export type ByteString = string & { readonly byteString?: never };

export function toByteString(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

export const fromByteString = (text: ByteString): Uint8Array => Buffer.from(text, "latin1");

export const byteStringCodec: Codec<ByteString> = {
  encode: fromByteString,
  decode: toByteString,
  size: (text) => text.length,
};
