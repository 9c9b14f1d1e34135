import { create, type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import {
  type AdminService,
  CheckResponseSchema,
  Durability,
  type InfoResponse,
  InfoResponseSchema,
  type SpaceStats,
  type StatsResponse,
  StatsResponseSchema,
} from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { CommandFailed } from "./command-failed.ts";
import { bytesInWords, counted } from "./in-words.ts";
import { printable } from "./printable.ts";
import type { Surroundings } from "./surroundings.ts";

type AdminClient = Client<typeof AdminService>;
type Reporting = Surroundings & { readonly json: boolean };

export async function stats(client: AdminClient, reporting: Reporting): Promise<void> {
  const all = await allStats(client, reporting.signal);
  if (reporting.json) return printJson(reporting, StatsResponseSchema, all);
  const rows = [
    ["TENANT", "KIND", "NAMESPACE", "RECORDS", "BYTES"],
    ...all.tenants.flatMap(({ name, records, bytes, spaces }) => [
      [name, "", "", String(records), String(bytes)],
      ...rowsOf(spaces),
    ]),
    ["(the server)", "", "", ...totalsOf(all.server)],
    ...rowsOf(all.server),
    ["(all)", "", "", String(all.records), String(all.bytes)],
  ];
  reporting.stdout.write(table(rows));
}

export async function info(client: AdminClient, reporting: Reporting): Promise<void> {
  const told = await client.info({}, { signal: reporting.signal });
  if (reporting.json) return printJson(reporting, InfoResponseSchema, told);
  reporting.stdout.write(table(factsOf(told)));
}

export async function check(client: AdminClient, reporting: Reporting): Promise<void> {
  const found = await client.check({}, { signal: reporting.signal });
  if (reporting.json) printJson(reporting, CheckResponseSchema, found);
  else if (found.ok) reporting.stdout.write("nothing is damaged\n");
  else for (const problem of found.problems) reporting.stdout.write(`${printable(problem)}\n`);
  if (!found.ok) throw new CommandFailed(`${counted(found.problemCount, "problem")} found`);
}

/** All pages as one. */
async function allStats(client: AdminClient, signal: AbortSignal): Promise<StatsResponse> {
  const all = create(StatsResponseSchema);
  do {
    const page = await client.stats({ pageToken: all.nextPageToken }, { signal });
    Object.assign(all, { ...page, tenants: [...all.tenants, ...page.tenants] });
  } while (all.nextPageToken !== "");
  return all;
}

const rowsOf = (spaces: readonly SpaceStats[]): string[][] =>
  spaces.flatMap(({ name, records, bytes, namespaces }) => [
    ["", name, "", String(records), String(bytes)],
    ...namespaces.map((namespace) => [
      "",
      "",
      namespace.name === "" ? '""' : namespace.name,
      String(namespace.records),
      String(namespace.bytes),
    ]),
  ]);

function totalsOf(spaces: readonly SpaceStats[]): [string, string] {
  const sum = (field: "records" | "bytes"): bigint =>
    spaces.reduce((total, space) => total + space[field], 0n);
  return [String(sum("records")), String(sum("bytes"))];
}

function factsOf(told: InfoResponse): string[][] {
  const history = `${told.historyFloor} to ${told.historyHead}`;
  return [
    ["tiffin", told.tiffinVersion],
    ["node", told.nodeVersion],
    ["started", timeOf(told.startTime)],
    ["engine", told.engine],
    ["a write survives", durabilities.get(told.durability) ?? "unknown"],
    ["shared by servers", told.shared ? "may be" : "no"],
    ["history", history],
    ["history since", timeOf(told.historyFloorTime)],
    ["latest write", timeOf(told.historyHeadTime)],
    ...told.limits.map(({ name, value }) => [
      `limit ${name}`,
      name.endsWith("Bytes") ? bytesInWords(Number(value)) : String(value),
    ]),
  ];
}

const timeOf = (time: Timestamp | undefined): string =>
  time === undefined ? "" : timestampDate(time).toISOString();

const durabilities = new Map<Durability, string>([
  [Durability.NONE, "nothing: it is lost when the process ends"],
  [Durability.PROCESS, "the end of the process"],
  [Durability.POWER, "a power failure"],
]);

/** Columns as wide as what is in them; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return /^\d+$/.test(cell) && column >= 3 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return cells.map((row) => `${line(row)}\n`).join("");
}

function printJson<D extends DescMessage>(
  { stdout }: Reporting,
  schema: D,
  message: MessageShape<D>,
): void {
  stdout.write(
    `${JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true }), null, 2)}\n`,
  );
}
