import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";

// Before anything else is imported: it keeps what Node makes of the sources, and shortens the next start.
enableCompileCache();
const { buildApp } = await import("./app.ts");
const { ConfigError, readConfig, shownConfig } = await import("./config.ts");
const { banner } = await import("./observability/banner.ts");
const { createTerminalLines } = await import("./observability/terminal-lines.ts");

const { env, stdout, stderr } = process;

try {
  // Listened for before the start: who starts a process may want to stop it before it serves.
  const asked = stopAsked();
  const isTerminal = stdout.isTTY === true;
  const app = await buildApp(
    readConfig(env, (path) => readFileSync(path, "utf8")),
    {
      settings: shownConfig(env),
      ...(isTerminal && { logDestination: createTerminalLines((text) => stdout.write(text)) }),
    },
  );
  if (isTerminal) stdout.write(banner(app.addresses));
  await asked;
  await app.stop();
  process.exit(0);
} catch (error) {
  // A mistake in the configuration is the reader's to mend: its text says how, and a stack would hide that.
  stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

/** The first signal asks to stop. Whoever sends a second one does not want to wait for calls to end. */
function stopAsked(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let times = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      times += 1;
      if (times > 1) process.exit(1);
      resolve();
    });
  }
  return promise;
}
