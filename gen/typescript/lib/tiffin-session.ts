import type { JsonObject } from "@bufbuild/protobuf";
import {
  type RequestWithCookies,
  type ResponseWithCookies,
  readCookieHeader,
  writeSetCookie,
} from "./http-headers.ts";
import { toJsonText } from "./json-text.ts";
import { isJsonObject, type MergePatch } from "./merge-patch.ts";
import type { CreateOptions, RotateOptions, SessionBackend } from "./session-backend.ts";
import { SessionCookie, type SessionCookieOptions } from "./session-cookie.ts";
import { isSessionId } from "./session-id.ts";

/** How a TiffinSession is made. */
export interface TiffinSessionOptions {
  /** Given once, so that the cookie is cleared as it was set. */
  readonly cookie?: SessionCookieOptions;
}

/** A session and the id that opened it. */
export interface FoundSession<T> {
  /** A secret: whoever has it is the user. Not enumerable, so that who logs or answers all that was found does not give it away. */
  readonly id: string;
  readonly data: T;
  /** Whose it is; `undefined`: nobody's yet. */
  readonly subject: string | undefined;
  /** From when on `rotate` should be called; absent unless a ServiceSessionBackend has a policy with a renewal interval. */
  readonly renewTime?: Date;
}

/**
 * Sessions and their cookie. Data is a JSON object. An id that is unknown, malformed, forged, ended or rotated away opens nothing, and is
 * never an error; that the store cannot be reached is one. Ids are never to be logged.
 */
export class TiffinSession<T extends object = Record<string, unknown>> {
  readonly #backend: SessionBackend;
  readonly #cookie: SessionCookie;

  constructor(backend: SessionBackend, { cookie }: TiffinSessionOptions = {}) {
    this.#backend = backend;
    this.#cookie = new SessionCookie(cookie);
  }

  /** As browsers know it, with its prefix. */
  get cookieName(): string {
    return this.#cookie.name;
  }

  /** Begins a session, and answers its id: 256 random bits, 43 characters. Sets no cookie. */
  async create(data: T, options: CreateOptions = {}): Promise<string> {
    return await this.#backend.create(toJsonObject(data), options);
  }

  /** What the session holds; this is a use of it. `undefined`: there is none. */
  async get(id: string): Promise<T | undefined> {
    return (await this.#open(id))?.data;
  }

  /**
   * Merges into the data (RFC 7396: null removes a member), safe from what others merge meanwhile. False: there is no such session, and
   * none was made: a late change cannot bring back one that has ended.
   */
  async update(id: string, patch: MergePatch<T>): Promise<boolean> {
    if (!isSessionId(id)) return false;
    return await this.#backend.update(id, toJsonObject(patch));
  }

  /**
   * Gives the session a new id, at every login and change of privilege: the old one opens nothing any more. `undefined`: there is no such
   * session, or a rotation at the same time was faster; then nothing was changed. Sets no cookie: give the new id to `setCookie`.
   */
  async rotate(
    id: string,
    options: RotateOptions<MergePatch<T>> = {},
  ): Promise<string | undefined> {
    if (!isSessionId(id)) return undefined;
    const { data, ...others } = options;
    const patch = data === undefined ? {} : { data: toJsonObject(data) };
    return await this.#backend.rotate(id, { ...others, ...patch });
  }

  /** Ends the session, if there is one, and clears its cookie. Each is done even when the other fails, which is an error. */
  async delete(id: string, response?: ResponseWithCookies): Promise<void> {
    try {
      if (response !== undefined) {
        writeSetCookie(response, this.#cookie.name, this.#cookie.clear());
      }
    } finally {
      if (isSessionId(id)) await this.#backend.delete(id);
    }
  }

  /** The session whose id the request's cookie holds; this is a use of it. */
  async fromRequest(request: RequestWithCookies): Promise<FoundSession<T> | undefined> {
    const id = this.#cookie.read(readCookieHeader(request));
    return id === undefined ? undefined : await this.#open(id);
  }

  /** Sets the cookie: until the browser is closed, or for `maxAgeMs`. The session itself ends when it ends. */
  setCookie(
    response: ResponseWithCookies,
    id: string,
    { maxAgeMs }: { readonly maxAgeMs?: number } = {},
  ): void {
    if (!isSessionId(id)) throw new TypeError("this is no id that create or rotate answered");
    writeSetCookie(response, this.#cookie.name, this.#cookie.set(id, maxAgeMs));
  }

  async #open(id: string): Promise<FoundSession<T> | undefined> {
    const session = isSessionId(id) ? await this.#backend.get(id) : undefined;
    if (session === undefined) return undefined;
    const { data, subject, renewTime } = session;
    const found = { id, data: data as T, subject, ...(renewTime && { renewTime }) };
    return Object.defineProperty(found, "id", { enumerable: false });
  }
}

function toJsonObject(data: unknown): JsonObject {
  const json: unknown = JSON.parse(toJsonText("a session's data", data));
  if (isJsonObject(json)) return json;
  throw new TypeError("a session's data is an object, with members by name");
}
