/** A message between a connection and the server: what is asked, or what is answered. */
export interface Leg {
  readonly connection: number;
  readonly call: string;
  readonly way: "request" | "reply";
}

/** What lies between a server and its connections. Deterministic: a scheduler, gates or a script decide, never time. */
export interface Network {
  /** The message arrives when the promise is fulfilled, in whatever order, and is lost when it is rejected. */
  travel(leg: Leg): Promise<void>;
  /** A wake-up on its way to the connection: one promise for each time that it arrives; none when it is lost. */
  wakes(connection: number): readonly Promise<void>[];
}

/** Everything arrives, once and in order. */
export const quietNetwork: Network = {
  travel: () => Promise.resolve(),
  wakes: () => [Promise.resolve()],
};

/** What a driver says when its connection breaks. */
export const lost = (): Error => new Error("the connection was lost");
