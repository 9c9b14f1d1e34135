import { Command, InvalidArgumentError, Option } from "commander";
import { type Address, readAddress } from "../rpc/address.ts";
import { readTiffinVersion } from "../tiffin-version.ts";
import { type ConnectOptions, openAdminClient } from "./admin-client.ts";
import { exportTo } from "./export-to.ts";
import { importFrom, modes } from "./import-from.ts";
import { check, info, stats } from "./reports.ts";
import type { Surroundings } from "./surroundings.ts";

/** The command line: what can be asked, and what does it. */
export function createProgram(surroundings: Surroundings): Command {
  const { stdout, stderr } = surroundings;
  const program = new Command("tiffin")
    .description("Moves what is in a running Tiffin, and looks at it.")
    .version(readTiffinVersion())
    .addOption(
      new Option("--address <address>", "where its gRPC listens: host:port, or unix:path")
        .default(readTarget(defaultAddress), defaultAddress)
        .argParser(readTarget),
    )
    .option("--token-file <file>", "a file with the bearer token, where the server demands one")
    .addHelpText(
      "after",
      "\nnpm prints lines of its own before what a command prints. Where that is read by a program:\n" +
        "  npm run --silent tiffin -- stats --json\n",
    )
    .exitOverride()
    .showHelpAfterError("(tiffin --help tells what there is)")
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    });
  const calling = async <T>(call: (client: AdminClient) => Promise<T>): Promise<T> => {
    const { client, close } = openAdminClient(program.opts<ConnectOptions>());
    try {
      return await call(client);
    } finally {
      close();
    }
  };
  addMoves(program, surroundings, calling);
  addReports(program, surroundings, calling);
  return program;
}

type AdminClient = ReturnType<typeof openAdminClient>["client"];
type Calling = <T>(call: (client: AdminClient) => Promise<T>) => Promise<T>;

function addMoves(program: Command, surroundings: Surroundings, calling: Calling): void {
  program
    .command("export")
    .description("writes all tenants, or some, to a file, as they are at one moment")
    .argument("<file>", "where to; -: standard output")
    .option("--tenant <name>", "only this tenant; may be given several times", added, [])
    .option("--force", "replace the file if it is there", false)
    .action((file: string, options: { tenant: string[]; force: boolean }) =>
      calling((client) =>
        exportTo(client, { file, tenants: options.tenant, force: options.force }, surroundings),
      ),
    );
  program
    .command("import")
    .description("takes in a file that export wrote; one that was cut goes on where it was")
    .argument("<file>", "where from; -: standard input")
    .addOption(
      new Option(
        "--when-exists <mode>",
        "what to do with a tenant that is there and holds records: refuse the import, replace the tenant, " +
          "keep its records and add the others, or overwrite its records",
      )
        .choices(Object.keys(modes))
        .default("refuse"),
    )
    .action((file: string, { whenExists }: { whenExists: keyof typeof modes }) =>
      calling((client) => importFrom(client, { file, whenExists }, surroundings)),
    );
}

function addReports(program: Command, surroundings: Surroundings, calling: Calling): void {
  const descriptions = {
    stats: "counts records and bytes by tenant, kind and namespace",
    info: "tells about the server, its engine and its history",
    check: "looks for damage in all that is stored",
  };
  const reports = { stats, info, check };
  for (const name of ["stats", "info", "check"] as const) {
    program
      .command(name)
      .description(descriptions[name])
      .option("--json", "as JSON", false)
      .action((options: { json: boolean }) =>
        calling((client) => reports[name](client, { ...surroundings, ...options })),
      );
  }
}

function readTarget(text: string): Address {
  const address = readAddress(text);
  if (address === undefined) throw new InvalidArgumentError("Expected host:port, or unix:path.");
  return address;
}

const defaultAddress = "127.0.0.1:50051";

/** One option may be given several times; a list after it would take the file as well. */
const added = (name: string, names: readonly string[]): string[] => [...names, name];
