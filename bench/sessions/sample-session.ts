import { create, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  type Client,
  ClientSchema,
  type Policy,
  PolicySchema,
} from "#gen/tiffin/session/v1/session_pb.ts";
import {
  type CreateRequest,
  CreateRequestSchema,
} from "#gen/tiffin/session/v1/session_service_pb.ts";

/** What a web application keeps in a session: 120 bytes of JSON. */
export const sampleData: JsonObject = {
  cart: ["B07XJ8C8F5", "B08N5WRWNW"],
  csrf: "0b8a6f5e9d4c4a7f",
  locale: "en-GB",
  theme: "dark",
  visits: 1700,
  beta: true,
};

/** A browser as it names itself. */
export const sampleClient: Client = create(ClientSchema, {
  ipAddress: "203.0.113.77",
  userAgent:
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
});

export const subjectAt = (index: number): string => `user-${String(index).padStart(8, "0")}`;

export const millis = (ms: number): Duration =>
  create(DurationSchema, {
    seconds: BigInt(Math.floor(ms / 1000)),
    nanos: (ms % 1000) * 1_000_000,
  });

export type SampleOptions = Pick<CreateRequest, "subject"> & {
  readonly client: Client;
  readonly policy: Policy;
};

/** Nobody's session, unless it is said otherwise. */
export const createRequest = (options: Partial<SampleOptions> = {}): CreateRequest =>
  create(CreateRequestSchema, { data: sampleData, ...options });

export const encodedCreate = (options?: Partial<SampleOptions>): Uint8Array =>
  toBinary(CreateRequestSchema, createRequest(options));

/** Every use is written down. */
export const everyUse: Policy = create(PolicySchema, { touchInterval: millis(0) });
