import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { Code } from "@connectrpc/connect";
import type {
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
  ServerReflection as V1,
} from "#gen/grpc/reflection/v1/reflection_pb.ts";
import type { ServerReflection as V1Alpha } from "#gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { TiffinError } from "../errors.ts";
import { cut } from "./cut.ts";
import type { DescriptorIndex } from "./descriptor-index.ts";

type Response = MessageInitShape<typeof ServerReflectionResponseSchema>;
type Answer = NonNullable<Response["messageResponse"]>;

/** A stream answers at most so many questions: each can cost the whole of the descriptors. */
const questionsMax = 1000;

/** grpc.reflection: the contract, told by the server itself. v1 and v1alpha say the same, older tools ask the latter. */
export function createReflection(
  index: DescriptorIndex,
): ServiceImpl<typeof V1> & ServiceImpl<typeof V1Alpha> {
  return {
    async *serverReflectionInfo(requests: AsyncIterable<ServerReflectionRequest>) {
      let asked = 0;
      const sent = new Set<string>();
      for await (const request of requests) {
        asked += 1;
        if (asked > questionsMax) throw tooMany();
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(index, request.messageRequest, sent),
        };
      }
    },
  } as ServiceImpl<typeof V1> & ServiceImpl<typeof V1Alpha>;
}

function answer(
  index: DescriptorIndex,
  question: ServerReflectionRequest["messageRequest"],
  sent: Set<string>,
): Answer {
  switch (question.case) {
    case "fileByFilename":
      return files(index, index.file(question.value)?.name, { question: question.value, sent });
    case "fileContainingSymbol":
      return files(index, index.fileOfSymbol(question.value), { question: question.value, sent });
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      const file = index.fileOfExtension(containingType, extensionNumber);
      return files(index, file, { question: `${containingType} ${extensionNumber}`, sent });
    }
    case "allExtensionNumbersOfType": {
      const extensionNumber = index.extensionNumbers(question.value);
      if (extensionNumber === undefined) return notFound(question.value);
      return {
        case: "allExtensionNumbersResponse",
        value: { baseTypeName: question.value, extensionNumber },
      };
    }
    case "listServices":
      return { case: "listServicesResponse", value: { service: index.services } };
    case undefined:
      return errorAnswer(Code.InvalidArgument, "the request asks nothing");
  }
}

/** A file with everything it imports that this stream has not sent yet. */
function files(
  index: DescriptorIndex,
  name: string | undefined,
  { question, sent }: { readonly question: string; readonly sent: Set<string> },
): Answer {
  if (name === undefined) return notFound(question);
  const needed = index.closure(name).filter((file) => file.name === name || !sent.has(file.name));
  for (const file of needed) sent.add(file.name);
  return {
    case: "fileDescriptorResponse",
    value: { fileDescriptorProto: needed.map((file) => file.bytes) },
  };
}

const notFound = (question: string): Answer =>
  errorAnswer(Code.NotFound, `there is no ${cut(question, 256)} here`);

const errorAnswer = (errorCode: Code, errorMessage: string): Answer => ({
  case: "errorResponse",
  value: { errorCode, errorMessage },
});

const tooMany = (): TiffinError =>
  new TiffinError("limit_exceeded", "too many questions in one stream", {
    metadata: { limit: "reflection questions", max: String(questionsMax) },
  });
