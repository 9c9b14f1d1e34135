import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { printable } from "./printable.ts";

/** A command could not do what it was asked; its message is all there is to say. */
export class CommandFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandFailed";
  }
}

/** One line for whatever went wrong, or undefined for a defect of ours. */
export function lineOf(error: unknown): string | undefined {
  if (error instanceof CommandFailed) return printable(error.message);
  if (error instanceof ConnectError) return printable(lineOfCall(error));
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  return printable(`${path ?? syscall}: ${systemErrors.get(code) ?? code}`);
}

function lineOfCall(error: ConnectError): string {
  const [info] = error.findDetails(ErrorInfoSchema);
  if (info === undefined) return lineWithoutReason(error);
  const { next_chunk: next, records } = info.metadata;
  const progress = next === undefined ? "" : ` (${next} chunks with ${records} records are there)`;
  return `${error.rawMessage} [${info.reason}]${progress}`;
}

/** Nothing that Tiffin said: nobody was there, or somebody else. */
function lineWithoutReason(error: ConnectError): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  if (cause?.code !== undefined) {
    return `cannot reach the server: ${systemErrors.get(cause.code) ?? cause.message}`;
  }
  if (error.code === Code.Unimplemented) return "what answers there is no Tiffin, or an older one";
  return `the server did not answer as one: ${error.rawMessage}`;
}

const systemErrors = new Map([
  ["ECONNREFUSED", "nothing listens there"],
  ["ENOTFOUND", "there is no such host"],
  ["EAI_AGAIN", "the host's name cannot be looked up"],
  ["ETIMEDOUT", "no answer"],
  ["ECONNRESET", "the connection broke"],
  ["EPIPE", "the connection broke"],
  ["ENOENT", "there is no such file"],
  ["EACCES", "not permitted"],
  ["EPERM", "not permitted"],
  ["EISDIR", "is a folder"],
  ["EEXIST", "is there already"],
  ["ENOSPC", "no space left"],
  ["ENOTDIR", "a part of its path is no folder"],
]);
