import type { ImportRequest, WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportChunk, ExportHeader, ExportTrailer } from "#gen/tiffin/admin/v1/export_pb.ts";
import { type Arriving, nextRequest } from "../next-request.ts";
import { ExportChain } from "./export-chain.ts";
import { exportInvalid } from "./export-invalid.ts";

/** A chunk whose digest holds, and the digest of all up to it. */
export interface VerifiedChunk {
  readonly chunk: ExportChunk;
  readonly digest: Buffer;
}

/** Reads the parts of an export in their order, and lets nothing through that its digests do not vouch for. */
export class ImportParts {
  readonly #requests: AsyncIterator<ImportRequest>;
  readonly #arriving: Arriving;
  #chunks = 0n;

  constructor(requests: AsyncIterable<ImportRequest>, arriving: Arriving) {
    this.#requests = requests[Symbol.asyncIterator]();
    this.#arriving = arriving;
  }

  async header(): Promise<{ header: ExportHeader; whenExists: WhenExists }> {
    const request = await this.#next();
    const part = request?.part?.part;
    if (request === undefined) throw exportInvalid("ends before its header: it was cut");
    if (part?.case !== "header") throw exportInvalid("does not begin with a header");
    return { header: part.value, whenExists: request.whenExists };
  }

  /** Every chunk, then the trailer, which is checked against them. */
  async *rest(header: ExportHeader): AsyncGenerator<VerifiedChunk, ExportTrailer> {
    const chain = new ExportChain(header);
    const order = new TenantOrder(header.tenants);
    for (;;) {
      const part = (await this.#next())?.part?.part;
      if (part === undefined) throw exportInvalid("ends before its trailer: it was cut");
      if (part.case === "trailer") {
        order.end();
        await this.#checkTrailer(part.value, chain);
        return part.value;
      }
      if (part.case !== "chunk") throw exportInvalid("has a part that is none, or twice a header");
      order.next(part.value.tenant);
      yield { chunk: part.value, digest: this.#verified(part.value, chain) };
      this.#chunks++;
    }
  }

  #verified({ index, tenant, records, digest }: ExportChunk, chain: ExportChain): Buffer {
    if (index !== this.#chunks) {
      throw exportInvalid(`has chunk ${index} where chunk ${this.#chunks} should be`);
    }
    const calculated = chain.addChunk(index, tenant, records);
    if (!calculated.equals(digest)) {
      throw exportInvalid(`was altered: the digest of chunk ${index} does not hold`);
    }
    return calculated;
  }

  async #checkTrailer(trailer: ExportTrailer, chain: ExportChain): Promise<void> {
    const { chunks, digest } = trailer;
    if (chunks !== this.#chunks) {
      throw exportInvalid(`has ${this.#chunks} chunks, and its trailer says ${chunks}`);
    }
    if (!chain.trailerDigest(trailer).equals(digest)) {
      throw exportInvalid("was altered: the digest of its trailer does not hold");
    }
    if ((await this.#next()) !== undefined) throw exportInvalid("goes on after its trailer");
  }

  #next(): Promise<ImportRequest | undefined> {
    return nextRequest(this.#requests, this.#arriving);
  }
}

/** The tenants of an export come one after the other, as its header says. */
class TenantOrder {
  readonly #names: readonly string[];
  #at = -1;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  next(tenant: string): void {
    if (tenant === this.#names[this.#at]) return;
    this.#at++;
    if (tenant !== this.#names[this.#at]) {
      throw exportInvalid("has a chunk of another tenant than its header says");
    }
  }

  end(): void {
    if (this.#at !== this.#names.length - 1) throw exportInvalid("lacks a tenant of its header");
  }
}
