/** How processes tell each other of commits. Sent by `pg_notify` within the commit; heard here. */
export interface ChangeSignals {
  /** Begins to listen. `hear` is given what was sent; undefined: signals may have been lost, and everything may have changed. */
  start(hear: (payload: string | undefined) => void): Promise<void>;
  close(): Promise<void>;
}

/** What is sent: who made the commit, so that it need not hear of it again, and whose it is. */
export const signalChannel = "tiffin_analytics";

export const toPayload = (instance: string, tenant: string): string => {
  const payload = JSON.stringify([instance, tenant]);
  return Buffer.byteLength(payload) <= payloadBytesMax ? payload : JSON.stringify([instance]);
};

/** Of another program, or cut: as if signals had been lost. */
export function fromPayload(payload: string): { instance?: string; tenant?: string } {
  try {
    const [instance, tenant] = JSON.parse(payload) as [string, string | undefined];
    return { instance, ...(tenant === undefined ? {} : { tenant }) };
  } catch {
    return {}; // not one of ours: hearing for nothing is allowed
  }
}

/** PostgreSQL sends less than 8000. */
const payloadBytesMax = 7999;
