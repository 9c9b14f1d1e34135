import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a client's connections go through, so that a test can break them in the middle of a call. */
export interface Link extends AsyncDisposable {
  /** Where the client connects to. */
  readonly address: string;
  /** Destroys what is connected; the next connection is whole again. */
  cut(): void;
  /** From now on loses every answer of what is connected, while requests still arrive. */
  loseAnswers(): void;
}

/** A link to the server at the address. */
export async function openLink(target: string): Promise<Link> {
  const [host, port] = target.split(":");
  const joined = new Set<{ near: Socket; far: Socket; isMute: boolean }>();
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    const pair = { near, far, isMute: false };
    joined.add(pair);
    const end = (): void => {
      joined.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("close", end);
      // Whatever breaks it closes it too.
      socket.on("error", () => undefined);
    }
    near.on("data", (data) => void far.write(data));
    far.on("data", (data) => void (pair.isMute || near.write(data)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const { near, far } of joined) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    loseAnswers() {
      for (const pair of joined) pair.isMute = true;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}
