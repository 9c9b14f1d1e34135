import {
  create,
  type DescMessage,
  type DescMethodStreaming,
  type DescMethodUnary,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type Code,
  ConnectError,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";
import type { OpenTransport } from "./clients.ts";

/** Calls over a grpc-js channel, with the same client objects as the other transports. */
export function createGrpcJsTransport(
  address: string,
  always: Readonly<Record<string, string>> = {},
): OpenTransport {
  const client = new Client(address, credentials.createInsecure(), {
    // Its own channel: tests shut servers down, and others' connections must not notice.
    "grpc.use_local_subchannel_pool": 1,
  });
  const transport: Transport = {
    // biome-ignore lint/complexity/useMaxParams: Connect's interface has them
    unary: (method, signal, timeoutMs, header, input) =>
      callUnary(client, { method, signal, timeoutMs, header, always }, input),
    // biome-ignore lint/complexity/useMaxParams: Connect's interface has them
    stream: async (method, signal, timeoutMs, header, input) => {
      const options = { method, signal, timeoutMs, header, always };
      return await callStream(client, options, input);
    },
  };
  return { transport, close: () => client.close() };
}

interface Calling<M> {
  readonly method: M;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly header: HeadersInit | undefined;
  readonly always: Readonly<Record<string, string>>;
}
type HeadersInit = ConstructorParameters<typeof Headers>[0];

function callUnary<I extends DescMessage, O extends DescMessage>(
  client: Client,
  calling: Calling<DescMethodUnary<I, O>>,
  input: MessageInitShape<I>,
): Promise<UnaryResponse<I, O>> {
  const { method, signal, timeoutMs } = calling;
  return new Promise((resolve, reject) => {
    const response = { header: new Headers(), trailer: new Headers() };
    const call = client.makeUnaryRequest(
      pathOf(method),
      encoderOf(method.input),
      decoderOf(method.output),
      create(method.input, input),
      toMetadata(calling),
      timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
      (error, message) => {
        if (error !== null) reject(toConnectError(error));
        else
          resolve({
            stream: false,
            service: method.parent,
            method,
            message: message as Message,
            ...response,
          } as never);
      },
    );
    call.on("metadata", (metadata) => copy(metadata, response.header));
    call.on("status", ({ metadata }) => copy(metadata, response.trailer));
    signal?.addEventListener("abort", () => call.cancel());
  });
}

async function callStream<I extends DescMessage, O extends DescMessage>(
  client: Client,
  calling: Calling<DescMethodStreaming<I, O>>,
  input: AsyncIterable<MessageInitShape<I>>,
): Promise<StreamResponse<I, O>> {
  const { method, signal, timeoutMs } = calling;
  const call = client.makeBidiStreamRequest(
    pathOf(method),
    encoderOf(method.input),
    decoderOf(method.output),
    toMetadata(calling),
    timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
  );
  const header = new Headers();
  const trailer = new Headers();
  call.on("metadata", (metadata) => copy(metadata, header));
  call.on("status", ({ metadata }) => copy(metadata, trailer));
  // The reading side reports errors; without a listener an unread one would be thrown at the process.
  call.on("error", () => undefined);
  signal?.addEventListener("abort", () => call.cancel());
  void (async () => {
    for await (const message of input) call.write(create(method.input, message));
    call.end();
  })();
  async function* messages(): AsyncGenerator<MessageShape<O>> {
    try {
      for await (const message of call) yield message as MessageShape<O>;
    } catch (error) {
      throw toConnectError(error as ServiceError);
    } finally {
      call.cancel();
    }
  }
  return {
    stream: true,
    service: method.parent,
    method,
    header,
    trailer,
    message: messages(),
  } as never;
}

const pathOf = (method: DescMethodUnary | DescMethodStreaming): string =>
  `/${method.parent.typeName}/${method.name}`;

const encoderOf = (schema: DescMessage) => (message: Message) =>
  Buffer.from(toBinary(schema, message));

const decoderOf = (schema: DescMessage) => (bytes: Buffer) => fromBinary(schema, bytes);

function toMetadata({ header, always }: Calling<unknown>): Metadata {
  const metadata = new Metadata();
  const headers = new Headers(header);
  for (const [name, value] of Object.entries(always)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  for (const [name, value] of headers) metadata.set(name, value);
  return metadata;
}

function copy(metadata: Metadata, headers: Headers): void {
  for (const [name, value] of Object.entries(metadata.getMap())) {
    headers.set(name, typeof value === "string" ? value : value.toString("base64"));
  }
}

/** As every other transport has it, details included. */
function toConnectError(error: ServiceError): ConnectError {
  const known = new ConnectError(error.details, error.code as number as Code);
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (bytes === undefined) return known;
  const { details } = fromBinary(StatusSchema, bytes as Buffer);
  known.details = details.map(({ typeUrl, value }) => ({
    type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
    value,
  }));
  return known;
}
