/** A process that writes until it is killed: node test/crash/writer.ts '{"path":...}', with the options of `writing.ts`. */
import { enableCompileCache } from "node:module";
import { inspect } from "node:util";

// As in main.ts: hundreds of these are started.
enableCompileCache();
const { runWriting } = await import("./writing.ts");
const { tell } = await import("./tell.ts");

try {
  await runWriting(JSON.parse(process.argv[2] ?? ""));
} catch (error) {
  tell({ tells: "failed", why: inspect(error) });
  process.exitCode = 1;
}
