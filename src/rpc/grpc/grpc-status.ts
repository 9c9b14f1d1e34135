import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";
import type { TiffinError } from "../../errors.ts";
import { detailsOf, messageOf } from "../error-details.ts";
import { errorTable } from "../errors.ts";

/** The error as grpc-js sends it, with its details in a google.rpc.Status. */
export function toGrpcStatus(error: TiffinError): StatusObject {
  const code = errorTable[error.kind].code as number;
  const message = messageOf(error);
  const status = create(StatusSchema, {
    code,
    message,
    details: detailsOf(error).map(({ desc, value }) => anyPack(desc, create(desc, value))),
  });
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  return { code, details: message, metadata };
}
