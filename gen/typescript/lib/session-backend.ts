import type { JsonObject } from "@bufbuild/protobuf";

/** Where TiffinSession keeps sessions: StoreSessionBackend or ServiceSessionBackend. An id that opens nothing is never an error. */
export interface SessionBackend {
  /** A new session; answers its id, which only the backend makes. */
  create(data: JsonObject, options: CreateOptions): Promise<string>;
  /** The session, if there is one that has not ended; this is a use of it. */
  get(id: string): Promise<StoredSession | undefined>;
  /** Merges (RFC 7396) into the data, which is a use. False: there is no such session, and none was made. */
  update(id: string, patch: JsonObject): Promise<boolean>;
  /** A new id; `undefined`: there is no such session, or it has been rotated meanwhile. */
  rotate(id: string, options: RotateOptions<JsonObject>): Promise<string | undefined>;
  /** Ends the session. */
  delete(id: string): Promise<void>;
}

/** What a session holds. */
export interface StoredSession {
  readonly data: JsonObject;
  /** Whose it is; `undefined`: nobody's yet. */
  readonly subject: string | undefined;
  /** From when on it should be rotated, where the backend has a policy that says so. */
  readonly renewTime?: Date;
}

/** What else is known when a session begins. */
export interface CreateOptions {
  /** Whose it is. */
  readonly subject?: string;
  /** Who opens it, for the user to recognise it by in a list. SessionService keeps it; over a Store there are no lists, and it is dropped. */
  readonly client?: SessionClient;
}

/** Who opens a session. */
export interface SessionClient {
  /** IPv4 or IPv6; anything else is refused. */
  readonly ipAddress?: string;
  /** The header User-Agent, of which the first 1024 bytes are kept. */
  readonly userAgent?: string;
  /** A name for people, at most 256 bytes. */
  readonly deviceName?: string;
}

/** What changes with the id. */
export interface RotateOptions<Patch> {
  /** Whose the session is from now on: the login. */
  readonly subject?: string;
  /** Merged into the data (RFC 7396), in the same step. */
  readonly data?: Patch;
}
