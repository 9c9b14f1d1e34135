import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
} from "@grpc/grpc-js";

/** A gRPC client of bytes: what checks the answers, and what is paced where h2load cannot be. */
export class BytesClient implements Disposable {
  readonly #client: Client;

  constructor(address: string) {
    // A pool of its own: a new client must not wait out the back-off of one that came before the server.
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  call(path: string, request: Uint8Array, timeoutMs = callTimeoutMs): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs };
      this.#client.makeUnaryRequest(
        path,
        toBuffer,
        asIs,
        request,
        new Metadata(),
        options,
        (error, answer) => (error ? reject(error) : resolve(answer ?? Buffer.alloc(0))),
      );
    });
  }

  stream(path: string, request: Uint8Array): ClientReadableStream<Buffer> {
    return this.#client.makeServerStreamRequest(path, toBuffer, asIs, request, new Metadata());
  }

  duplex(path: string): ClientDuplexStream<Uint8Array, Buffer> {
    return this.#client.makeBidiStreamRequest(path, toBuffer, asIs, new Metadata());
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

const toBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
const asIs = (bytes: Buffer): Buffer => bytes;
const callTimeoutMs = 10_000;
