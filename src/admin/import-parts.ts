import type { ImportRequest, WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportChunk, ExportHeader, ExportTrailer } from "#gen/tiffin/admin/v1/export_pb.ts";
import type { Clock } from "../clock.ts";
import { TiffinError } from "../errors.ts";
import { throwIfOver, whenOver } from "../store/call-end.ts";
import type { Call } from "../store/store.ts";
import { ExportChain } from "./export-chain.ts";
import { exportInvalid } from "./export-invalid.ts";

/** A chunk whose digest holds, and the digest of all up to it. */
export interface VerifiedChunk {
  readonly chunk: ExportChunk;
  readonly digest: Buffer;
}

export interface ImportPartsOptions {
  readonly clock: Clock;
  /** How long the next part may take to arrive. */
  readonly pauseMsMax: number;
  readonly call: Call;
}

/** Reads the parts of an export in their order, and lets nothing through that its digests do not vouch for. */
export class ImportParts {
  readonly #requests: AsyncIterator<ImportRequest>;
  readonly #clock: Clock;
  readonly #pauseMsMax: number;
  readonly #call: Call;
  #chunks = 0n;

  constructor(
    requests: AsyncIterable<ImportRequest>,
    { clock, pauseMsMax, call }: ImportPartsOptions,
  ) {
    this.#requests = requests[Symbol.asyncIterator]();
    this.#clock = clock;
    this.#pauseMsMax = pauseMsMax;
    this.#call = call;
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

  /** The next request; undefined at the end. Each has so long to arrive, and all of them as long as they take. */
  async #next(): Promise<ImportRequest | undefined> {
    throwIfOver(this.#call, this.#clock.now());
    const { promise: over, reject } = Promise.withResolvers<never>();
    const stopTimer = this.#clock.after(this.#pauseMsMax, () => reject(tooLate()));
    const stopWaiting = whenOver(this.#call, this.#clock, reject);
    const next = this.#requests.next();
    // When it is over, nobody waits for what comes then.
    next.catch(() => undefined);
    try {
      const { done, value } = await Promise.race([next, over]);
      return done ? undefined : value;
    } finally {
      stopTimer();
      stopWaiting();
    }
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

const tooLate = (): TiffinError =>
  new TiffinError("deadline_exceeded", "the next part of the import did not arrive in time");
