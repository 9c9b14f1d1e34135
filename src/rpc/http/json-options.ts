import { type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";

/** The router's type lacks the decoder, which its codec takes. By default what is no UTF-8 becomes U+FFFD: another key. */
export const jsonOptions = {
  alwaysEmitImplicit: true,
  ignoreUnknownFields: false,
  textDecoder: new TextDecoder("utf-8", { fatal: true }),
};

/** What a message takes where answers are sent as JSON. */
export const jsonBytesOf = <Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): number => Buffer.byteLength(toJsonString(schema, message, jsonOptions));
