import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Client } from "@connectrpc/connect";
import {
  type AdminService,
  type ImportedTenant,
  ImportOutcome,
  type ImportRequest,
  type ImportResponse,
  WhenExists,
} from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportPart } from "#gen/tiffin/admin/v1/export_pb.ts";
import { CommandFailed } from "./command-failed.ts";
import { readParts } from "./export-file.ts";
import { counted } from "./in-words.ts";
import { createProgress, type Progress } from "./progress.ts";
import type { Surroundings } from "./surroundings.ts";

export const modes = {
  refuse: WhenExists.REFUSE,
  replace: WhenExists.REPLACE,
  keep: WhenExists.KEEP,
  overwrite: WhenExists.OVERWRITE,
} as const;

interface ImportOptions {
  readonly file: string;
  readonly whenExists: keyof typeof modes;
}

/** Sends the file to the server, which finds out whether it is whole. */
export async function importFrom(
  client: Client<typeof AdminService>,
  options: ImportOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { signal, stdout } = surroundings;
  if (signal.aborted) throw new CommandFailed("interrupted");
  const source = await openSource(options.file, surroundings);
  const progress = createProgress(surroundings.stderr, "importing", source.bytes);
  const reading = new Reading(source.stream, { progress, whenExists: modes[options.whenExists] });
  try {
    const response = await client.import(reading.requests(), { signal });
    progress.end();
    stdout.write(linesOf(response));
  } catch (error) {
    progress.end();
    if (signal.aborted) {
      throw new CommandFailed("interrupted: within a day the same command goes on where it was", {
        cause: error,
      });
    }
    // What the file is told by the reading is why the call failed.
    throw reading.problem ?? error;
  } finally {
    // Whoever writes to it may not be done, and is not waited for.
    source.stream.destroy();
  }
}

interface Source {
  readonly stream: Readable;
  /** Undefined: nobody knows. */
  readonly bytes: number | undefined;
}

async function openSource(file: string, { stdin }: Surroundings): Promise<Source> {
  if (file === "-") return { stream: stdin, bytes: undefined };
  const found = await stat(file);
  if (found.isDirectory()) throw new CommandFailed(`${file}: is a folder`);
  return { stream: createReadStream(file, { highWaterMark: readBytes }), bytes: found.size };
}

/** A file on its way to the server. */
class Reading {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #progress: Progress;
  readonly #whenExists: WhenExists;
  #bytes = 0;
  /** What is wrong with the file, if something is. */
  problem: unknown;

  constructor(
    source: AsyncIterable<Uint8Array>,
    { progress, whenExists }: { readonly progress: Progress; readonly whenExists: WhenExists },
  ) {
    this.#source = source;
    this.#progress = progress;
    this.#whenExists = whenExists;
  }

  async *requests(): AsyncGenerator<ImportRequest> {
    try {
      for await (const part of readParts(this.#counted())) yield this.#toRequest(part);
    } catch (error) {
      this.problem = error;
      throw error;
    }
  }

  #toRequest(part: ExportPart): ImportRequest {
    this.#progress.reached(this.#bytes);
    return {
      $typeName: "tiffin.admin.v1.ImportRequest",
      part,
      whenExists: part.part.case === "header" ? this.#whenExists : WhenExists.UNSPECIFIED,
    };
  }

  async *#counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.#bytes += chunk.length;
      yield chunk;
    }
  }
}

function linesOf({ records, tenants, resumedChunks }: ImportResponse): string {
  const resumed =
    resumedChunks === 0n ? "" : `, ${counted(resumedChunks, "chunk")} of which were here already`;
  const first = `imported ${counted(tenants.length, "tenant")}, ${counted(records, "record")}${resumed}\n`;
  return first + tenants.map((tenant) => `  ${lineOfTenant(tenant)}\n`).join("");
}

function lineOfTenant({ name, outcome, writtenRecords, keptRecords }: ImportedTenant): string {
  if (outcome !== ImportOutcome.MERGED) return `${name}: ${outcomes.get(outcome) ?? "done"}`;
  const kept = keptRecords === 0n ? "" : `, ${keptRecords} left as they were`;
  return `${name}: merged, ${writtenRecords} written with new versions${kept}`;
}

const outcomes = new Map<ImportOutcome, string>([
  [ImportOutcome.CREATED, "created"],
  [ImportOutcome.REPLACED, "replaced"],
]);
const readBytes = 1024 * 1024;
