/**
 * The floor: a @grpc/grpc-js server as its documentation starts one, that neither decodes what it is sent nor
 * encodes what it answers. Run by itself: `node pass-through-server.ts PORT`.
 */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { contractCalls, sampleAnswers } from "./key-value.ts";

const asIs = (bytes: Buffer): Buffer => bytes;
const answers = sampleAnswers();
const definition = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});
const answering =
  (answer: Buffer) =>
  (_call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void =>
    callback(null, answer);

const server = new Server();
server.addService(
  { Get: definition(contractCalls.get.path), Set: definition(contractCalls.set.path) },
  { Get: answering(Buffer.from(answers.get)), Set: answering(Buffer.from(answers.set)) },
);
server.bindAsync(
  `127.0.0.1:${process.argv[2]}`,
  ServerCredentials.createInsecure(),
  (error: Error | null) => {
    if (error) throw error;
  },
);
process.once("SIGTERM", () => server.forceShutdown());
