import { type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";
import { requestDecoder } from "./request-text.ts";

/** The router's type lacks the decoder, which its codec takes. */
export const jsonOptions = {
  alwaysEmitImplicit: true,
  ignoreUnknownFields: false,
  textDecoder: requestDecoder,
};

/** What a message takes where answers are sent as JSON. */
export const jsonBytesOf = <Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): number => Buffer.byteLength(toJsonString(schema, message, jsonOptions));
