/** What callers may ask of the session room. Configurable; each is named in the error that it causes. */
export interface SessionLimits {
  /** The longest idle and absolute timeouts, milliseconds. A tenant's bounds may be narrower. */
  readonly sessionIdleMsMax: number;
  readonly sessionAbsoluteMsMax: number;
  /** A session's data as JSON, UTF-8 bytes. */
  readonly sessionDataBytesMax: number;
  /** Encoded bytes of an answer. */
  readonly messageBytesMax: number;
  /** Watches of sessions in this process. */
  readonly watchesMax: number;
}

const day = 24 * 3_600_000;

export const defaultSessionLimits: SessionLimits = {
  sessionIdleMsMax: 30 * day,
  sessionAbsoluteMsMax: 400 * day,
  sessionDataBytesMax: 64 * 1024,
  messageBytesMax: 4 * 1024 * 1024,
  watchesMax: 10_000,
};

/** The most that `sessionDataBytesMax` may be: a value of the store holds this, and what the record says beside. */
export const sessionDataBytesCeiling = 1024 * 1024 - 8 * 1024;
