import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type ExportHeader,
  ExportHeaderSchema,
  type ExportTrailer,
} from "#gen/tiffin/admin/v1/export_pb.ts";

/**
 * The digests of an export, each over the one before it: what is lost, repeated, out of order or altered breaks it.
 * They find damage. They are no signature: whoever can alter an export can also calculate them.
 */
export class ExportChain {
  #digest: Buffer;

  constructor(header: ExportHeader) {
    const encoded = toBinary(ExportHeaderSchema, create(ExportHeaderSchema, header));
    this.#digest = createHash("sha256").update(encoded).digest();
  }

  /** Of all that was added so far. */
  get digest(): Buffer {
    return this.#digest;
  }

  addChunk(index: bigint, tenant: string, records: Uint8Array): Buffer {
    const name = Buffer.from(tenant);
    const numbers = Buffer.alloc(12);
    numbers.writeBigInt64BE(index, 0);
    numbers.writeUInt32BE(name.length, 8);
    this.#digest = createHash("sha256")
      .update(this.#digest)
      .update(numbers)
      .update(name)
      .update(records)
      .digest();
    return this.#digest;
  }

  trailerDigest({ chunks, records }: Pick<ExportTrailer, "chunks" | "records">): Buffer {
    const numbers = Buffer.alloc(16);
    numbers.writeBigInt64BE(chunks, 0);
    numbers.writeBigInt64BE(records, 8);
    return createHash("sha256").update(this.#digest).update(numbers).digest();
  }
}
