import { TiffinError } from "../errors.ts";

export const requestTooLarge = (max: number): TiffinError =>
  tooLarge(`a message may take ${max} bytes, decompressed`, { max });

/** `actual` is in the encoding that the caller asked for, which may be larger than others. */
export const answerTooLarge = (max: number, actual: number): TiffinError =>
  tooLarge(`an answer may take ${max} bytes, and this takes ${actual}`, { max, actual });

const tooLarge = (message: string, sizes: Readonly<Record<string, number>>): TiffinError =>
  new TiffinError("message_too_large", message, {
    metadata: {
      limit: "TIFFIN_MESSAGE_BYTES_MAX",
      ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, String(size)])),
    },
  });
