import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { isatty } from "node:tty";

// Before anything else is imported: it keeps what Node makes of the sources, and shortens the next start.
enableCompileCache();
const { buildApp } = await import("./app.ts");
const { ConfigError, readConfig, shownConfig } = await import("./config.ts");
const { ListenRefusal } = await import("./rpc/listen-refusal.ts");
const { StartRefusal } = await import("./store/start-refusal.ts");
const { banner } = await import("./observability/banner.ts");
const { createTerminalLines } = await import("./observability/terminal-lines.ts");

const { env } = process;

try {
  // Listened for before the start: who starts a process may want to stop it before it serves.
  const asked = stopAsked();
  // Asked of the descriptor: touching process.stdout makes a pipe non-blocking, and then logged lines overtake each other.
  const isTerminal = isatty(1);
  const app = await buildApp(
    readConfig(env, (path) => readFileSync(path, "utf8")),
    {
      settings: shownConfig(env),
      ...(isTerminal && {
        logDestination: createTerminalLines((text) => process.stdout.write(text)),
      }),
    },
  );
  if (isTerminal) process.stdout.write(banner(app.addresses));
  await asked;
  await app.stop();
  process.exit(0);
} catch (error) {
  // What is the reader's to mend says how in its text, and a stack would hide that: a mistake in the configuration, a store that cannot be opened, an address in use.
  const isForReader = [ConfigError, StartRefusal, ListenRefusal].some((of) => error instanceof of);
  process.stderr.write(`${isForReader ? (error as Error).message : (error as Error).stack}\n`);
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
