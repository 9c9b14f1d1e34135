import { sizeDelimitedDecodeStream, sizeDelimitedEncode } from "@bufbuild/protobuf/wire";
import { type ExportPart, ExportPartSchema } from "#gen/tiffin/admin/v1/export_pb.ts";
import { CommandFailed } from "./command-failed.ts";

/** Begins every file: what it is, for people and for programs. */
export const magic = "tiffin-export 1\n";

export const encodePart = (part: ExportPart): Uint8Array =>
  sizeDelimitedEncode(ExportPartSchema, part);

/** The parts of a file, as they are: whether they belong together, the server finds out. */
export async function* readParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ExportPart> {
  const parts = sizeDelimitedDecodeStream(ExportPartSchema, afterMagic(bytes));
  try {
    yield* parts;
  } catch (error) {
    if (error instanceof CommandFailed || isOfSystem(error)) throw error;
    const problem = (error as Error).message;
    throw new CommandFailed(`the file was cut or altered: ${problem}`, { cause: error });
  }
}

async function* afterMagic(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (begun.length >= magic.length) {
      yield chunk;
      continue;
    }
    begun = Buffer.concat([begun, chunk]);
    if (begun.length < magic.length) continue;
    assertMagic(begun);
    yield begun.subarray(magic.length);
  }
  assertMagic(begun);
}

function assertMagic(begun: Buffer): void {
  if (begun.subarray(0, magic.length).toString("latin1") === magic) return;
  throw new CommandFailed("this is no file that `tiffin export` wrote");
}

const isOfSystem = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).syscall !== undefined;
