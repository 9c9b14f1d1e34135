import type { Socket } from "node:net";

/**
 * Has the pipelined requests of a connection answered one after the other. Node begins all that one packet holds at
 * once, and keeps the answers until their turn: few bytes from a client that does not read would take gigabytes.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, (() => void)[]>();

  /** Runs now, or when those before it on the connection are done; never, if it breaks until then. */
  take(socket: Socket, run: () => void): void {
    const waiting = this.#waiting.get(socket);
    if (waiting !== undefined) {
      waiting.push(run);
      return;
    }
    this.#waiting.set(socket, []);
    run();
  }

  /** The one whose turn it was is done. */
  pass(socket: Socket): void {
    const next = socket.destroyed ? undefined : this.#waiting.get(socket)?.shift();
    if (next === undefined) this.#waiting.delete(socket);
    else next();
  }
}
