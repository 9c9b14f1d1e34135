import type { OpenedServer, SharedFaults } from "../contracts/shared-subject.ts";
import type { SharedConnection } from "./shared-connection.ts";
import { type Leg, lost, type Network, quietNetwork } from "./shared-network.ts";
import { openSharedServer } from "./shared-server.ts";

/** The server with every fault that the shared contract knows, each when a test asks for it. */
export async function openFaultyServer(): Promise<OpenedServer> {
  const script = new ScriptedNetwork();
  const server = await openSharedServer({ network: script });
  const faults: SharedFaults = {
    dropWakes: () => {
      script.isWaking = false;
    },
    holdCommit: (engine) => server.hold((engine as SharedConnection).number),
    loseAnswer: (engine) => script.loseNext(engine as SharedConnection, "reply"),
    loseRequest: (engine) => script.loseNext(engine as SharedConnection, "request"),
    restart: async () => server.restart(),
  };
  return {
    clock: server.clock,
    faults,
    connect: async () => server.connect(),
    close: async () => undefined,
  };
}

export const faultNames = [
  "dropWakes",
  "holdCommit",
  "loseAnswer",
  "loseRequest",
  "restart",
] as const satisfies readonly (keyof SharedFaults)[];

/** Quiet, but for what it is told to lose. */
class ScriptedNetwork implements Network {
  isWaking = true;
  readonly #losses: { connection: SharedConnection; way: Leg["way"] }[] = [];

  loseNext(connection: SharedConnection, way: Leg["way"]): void {
    this.#losses.push({ connection, way });
  }

  async travel(leg: Leg): Promise<void> {
    const at = this.#losses.findIndex(
      ({ connection, way }) =>
        leg.call === "apply" && way === leg.way && connection.number === leg.connection,
    );
    const [loss] = at === -1 ? [] : this.#losses.splice(at, 1);
    if (loss === undefined) return;
    loss.connection.cut();
    throw lost();
  }

  wakes(connection: number): readonly Promise<void>[] {
    return this.isWaking ? quietNetwork.wakes(connection) : [];
  }
}
