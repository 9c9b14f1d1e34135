import { parseCookie, type SetCookie, stringifySetCookie } from "cookie";
import { toWholeTtlMs } from "./time-to-live.ts";

/** How the cookie is set, and so how it is cleared. It is always HttpOnly. */
export interface SessionCookieOptions {
  /** Without a prefix. Default "id"; says nothing of what made it. */
  readonly name?: string;
  /** Below which paths browsers send it. Default "/". Any other loses the prefix that keeps other hosts from planting one of the name. */
  readonly path?: string;
  /** Sent to this host and those below it, each of which can also plant another in its place. Default: to the host that set it alone. */
  readonly domain?: string;
  /** Over HTTPS alone. Default true; false is for development over plain HTTP. */
  readonly secure?: boolean;
  /** Whether requests that begin on other sites carry it. Default "lax": only when the user follows a link. */
  readonly sameSite?: "strict" | "lax" | "none";
  /** Kept apart for every site that embeds this one (CHIPS). Default false. */
  readonly partitioned?: boolean;
}

/** The cookie that holds a session's id. */
export class SessionCookie {
  /** With the prefix that makes browsers hold to the options: `__Host-` where they allow it, else `__Secure-` over HTTPS. */
  readonly name: string;
  readonly #attributes: Omit<SetCookie, "value">;

  constructor(options: SessionCookieOptions = {}) {
    const { name = "id", path = "/", domain, secure = true, sameSite = "lax" } = options;
    const { partitioned = false } = options;
    if (/^__(host|secure)-/i.test(name)) {
      throw new TypeError(`the prefix of ${name} is added where the options allow it`);
    }
    if (!path.startsWith("/")) {
      throw new TypeError(`a cookie's path begins with /, or browsers take another: ${path}`);
    }
    if (!secure && (sameSite === "none" || partitioned)) {
      throw new TypeError("browsers take a cookie of other sites over HTTPS alone");
    }
    const ofOneHost = domain === undefined && path === "/";
    const prefix = secure ? (ofOneHost ? "__Host-" : "__Secure-") : "";
    this.name = `${prefix}${name}`;
    const where = domain === undefined ? { path } : { path, domain };
    this.#attributes = { name: this.name, ...where, httpOnly: true, secure, sameSite, partitioned };
    // What cannot be written is found out here, and not at the first login.
    this.clear();
  }

  /** The value in a header Cookie. Of several of the name the first counts, as more specific paths come first. */
  read(header: string): string | undefined {
    return parseCookie(header)[this.name];
  }

  /** The line that sets it, until the browser is closed or for a time. */
  set(value: string, maxAgeMs?: number): string {
    if (maxAgeMs === undefined) return stringifySetCookie({ ...this.#attributes, value });
    const maxAge = Math.ceil(toWholeTtlMs(maxAgeMs) / 1000);
    return stringifySetCookie({ ...this.#attributes, value, maxAge });
  }

  /** The line that clears it: browsers only do so for the very path and domain that it was set with. */
  clear(): string {
    return stringifySetCookie({
      ...this.#attributes,
      value: "",
      maxAge: 0,
      expires: new Date(0),
    });
  }
}
