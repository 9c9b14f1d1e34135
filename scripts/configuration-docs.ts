import { variables } from "../src/config-variables.ts";
import { markdownTable } from "./markdown-table.ts";

/** The page docs/configuration.md. */
export function configurationPage(): string {
  const rows = Object.values(variables).map(({ name, fallback, meaning, expected }) => [
    `\`${name}\``,
    fallback === "" ? "" : `\`${fallback}\``,
    meaning,
    expected,
  ]);
  return introduction + markdownTable(["Variable", "Default", "Meaning", "Value"], rows);
}

const introduction = `# Configuration

<!-- Written by \`npm run docs\` from src/config-variables.ts. -->

Environment variables, read once at the start. Nothing needs to be set. Every problem is reported at once, and the server does not
start: an unknown name that begins with \`TIFFIN_\` is a problem too, since a misspelt one would be silently without effect
(names that begin with \`TIFFIN_TEST_\` are for the tests). An empty variable counts as absent. Durations are written \`250ms\`,
\`30s\`, \`10m\` or \`1h\`; sizes \`65536\`, \`64KiB\`, \`1MiB\` or \`1GiB\`. The start-up log shows what differs from the defaults, without
passwords.

An address that others can reach (not loopback, not a Unix socket) needs \`TIFFIN_AUTH_TOKEN_FILE\`, or \`TIFFIN_ALLOW_UNAUTHENTICATED=true\`.
The connection itself is not encrypted: off the machine, put a proxy with TLS before it.

`;
