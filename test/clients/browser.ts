import { parseSetCookie } from "cookie";

/** An answer, and the lines Set-Cookie it came with. */
export interface Page {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly setCookies: readonly string[];
}

/** A browser as far as sessions notice: it keeps cookies, sends them, and drops those that have ended. */
export class Browser {
  readonly #url: string;
  /** By name, as they are sent. For a test to change. */
  readonly cookies = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string): Promise<Page> {
    return this.#call("GET", path);
  }

  post(path: string): Promise<Page> {
    return this.#call("POST", path);
  }

  async #call(method: string, path: string): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(`${this.#url}${path}`, { method, headers: { cookie } });
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) this.#keep(line);
    const body = (await response.json()) as Page["body"];
    return { status: response.status, body, setCookies };
  }

  #keep(line: string): void {
    // As it came, not decoded: browsers send back what they were sent.
    const { name, value = "", expires, maxAge } = parseSetCookie(line, { decode: (text) => text });
    const ended = maxAge === undefined ? expires && expires.getTime() <= Date.now() : maxAge <= 0;
    if (ended) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
