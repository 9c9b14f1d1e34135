const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a reported value is cut to, in errors and in logs. */
export const reportedValueBytesMax = 64;

/** At most so many bytes of UTF-8, well-formed whatever came in, with "..." where something is missing. */
export function cut(text: string, bytesMax: number = reportedValueBytesMax): string {
  // A lone surrogate would make encodeURI throw where grpc-js writes the status.
  const formed = text.toWellFormed();
  if (formed.length * 3 <= bytesMax) return formed;
  const bytes = new Uint8Array(bytesMax);
  const { read, written } = encoder.encodeInto(formed, bytes);
  if (read === formed.length) return formed;
  let end = Math.min(written, bytesMax - 3);
  // Not in the middle of a character: a byte 10xxxxxx continues the one before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${decoder.decode(bytes.subarray(0, end))}...`;
}
