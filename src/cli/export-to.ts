import type { Client } from "@connectrpc/connect";
import type { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportHeader, ExportPart } from "#gen/tiffin/admin/v1/export_pb.ts";
import { CommandFailed } from "./command-failed.ts";
import { encodePart, magic } from "./export-file.ts";
import { bytesInWords, counted } from "./in-words.ts";
import { type Output, openOutputFile, toStream } from "./output-file.ts";
import { createProgress, type Progress } from "./progress.ts";
import type { Surroundings } from "./surroundings.ts";

interface ExportOptions {
  readonly file: string;
  readonly tenants: readonly string[];
  readonly force: boolean;
}

/** Writes an export to the file, which is there only when it is whole. */
export async function exportTo(
  client: Client<typeof AdminService>,
  { file, tenants, force }: ExportOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { signal, stdout, stderr } = surroundings;
  const isStream = file === "-";
  if (signal.aborted) throw new CommandFailed("interrupted");
  const output = isStream ? toStream(stdout) : await openOutputFile(file, force);
  try {
    const parts = client.export({ tenants: [...tenants] }, { signal });
    const done = await writeParts(parts, output, stderr);
    await output.finish();
    const { header, records, bytes } = done;
    const what = `${counted(header.tenants.length, "tenant")}, ${counted(records, "record")}`;
    const line = `exported ${what}, ${bytesInWords(bytes)}, as of revision ${header.revision}\n`;
    (isStream ? stderr : stdout).write(line);
  } catch (error) {
    if (!signal.aborted) throw error;
    const rest = isStream ? "what was written is no export" : `nothing is at ${file}`;
    throw new CommandFailed(`interrupted: ${rest}; run it again from its beginning`, {
      cause: error,
    });
  } finally {
    await output.abandon();
  }
}

interface Exported {
  readonly header: ExportHeader;
  readonly records: bigint;
  readonly bytes: number;
}

async function writeParts(
  responses: AsyncIterable<{ readonly part?: ExportPart | undefined }>,
  output: Output,
  stderr: Surroundings["stderr"],
): Promise<Exported> {
  let header: ExportHeader | undefined;
  let progress: Progress | undefined;
  let bytes = magic.length;
  try {
    // Nothing is awaited before: a call that fails while nobody listens to it ends the process.
    for await (const { part } of responses) {
      if (part === undefined) continue;
      if (header === undefined) await output.write(Buffer.from(magic));
      const encoded = encodePart(part);
      await output.write(encoded);
      bytes += encoded.length;
      if (part.part.case === "header") {
        header = part.part.value;
        progress = createProgress(stderr, "exporting", Number(header.expectedBytes));
      }
      progress?.reached(bytes);
      if (part.part.case === "trailer" && header !== undefined) {
        return { header, records: part.part.value.records, bytes };
      }
    }
  } finally {
    progress?.end();
  }
  throw new CommandFailed("the server ended the export before its end");
}
