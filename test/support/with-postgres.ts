import { afterAll, beforeAll, describe } from "vitest";
import { commandFor, testNeeding } from "./needs.ts";
import { PostgresServer } from "./postgres-server.ts";

/** Tests of a PostgreSQL server that is theirs; where there is no PostgreSQL they are one test, which is skipped by name. */
export function describeWithPostgres(
  title: string,
  tests: (server: () => PostgresServer) => void,
): void {
  if (commandFor("postgres") === undefined) {
    testNeeding(["postgres"], title, () => {});
    return;
  }
  describe(title, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await PostgresServer.start();
    }, 60_000);
    afterAll(() => server[Symbol.asyncDispose]());
    tests(() => server);
  });
}
