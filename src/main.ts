import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";

// Before anything else is imported: it keeps what Node makes of the sources, and shortens the next start.
enableCompileCache();
const { buildApp } = await import("./app.ts");
const { ConfigError, readConfig, shownConfig } = await import("./config.ts");
const { banner } = await import("./observability/banner.ts");
const { createTerminalLines } = await import("./observability/terminal-lines.ts");

const { stdout, stderr } = process;

try {
  const config = readConfig(process.env, (path) => readFileSync(path, "utf8"));
  const isTerminal = stdout.isTTY === true;
  const app = await buildApp(config, {
    started: shownConfig(process.env),
    ...(isTerminal && { logDestination: createTerminalLines((text) => stdout.write(text)) }),
  });
  if (isTerminal) stdout.write(banner(app.addresses));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop(app));
} catch (error) {
  // A mistake in the configuration is the reader's to mend: its text says how, and a stack would hide that.
  stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

function stop(app: Awaited<ReturnType<typeof buildApp>>): void {
  // Whoever asks a second time does not want to wait for calls to end.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(1));
  app.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      stderr.write(`${(error as Error).stack}\n`);
      process.exit(1);
    },
  );
}
