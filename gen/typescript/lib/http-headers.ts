/** A request, of Node's http (and so of Express) or of the web: what has its headers. An upgrade to a WebSocket is one too. */
export interface RequestWithCookies {
  readonly headers: WebRequestHeaders | NodeRequestHeaders;
}

interface WebRequestHeaders {
  get(name: string): string | null;
}

interface NodeRequestHeaders {
  readonly cookie?: string | undefined;
}

/** A response, of Node's http (and so of Express) before its headers are sent, or of the web. */
export type ResponseWithCookies = NodeResponse | WebResponse;

interface NodeResponse {
  getHeader(name: string): number | string | string[] | undefined;
  setHeader(name: string, value: string[]): unknown;
}

interface WebResponse {
  readonly headers: {
    getSetCookie(): string[];
    delete(name: string): void;
    append(name: string, value: string): void;
  };
}

/** The header Cookie; empty when there is none. */
export function readCookieHeader({ headers }: RequestWithCookies): string {
  if (isOfTheWeb(headers)) return headers.get("cookie") ?? "";
  return headers.cookie ?? "";
}

/** Adds the line of a cookie, in place of any other that the response has for the same name: browsers differ in which of two counts. */
export function writeSetCookie(response: ResponseWithCookies, name: string, line: string): void {
  const others = (lines: readonly string[]): string[] =>
    lines.filter((other) => !other.startsWith(`${name}=`));
  if ("setHeader" in response) {
    const before = response.getHeader("Set-Cookie") ?? [];
    const lines = Array.isArray(before) ? before : [String(before)];
    response.setHeader("Set-Cookie", [...others(lines), line]);
    return;
  }
  const { headers } = response;
  const lines = others(headers.getSetCookie());
  headers.delete("Set-Cookie");
  for (const each of [...lines, line]) headers.append("Set-Cookie", each);
}

/** Node's are a plain object, in which a header may well be called "get". */
const isOfTheWeb = (
  headers: WebRequestHeaders | NodeRequestHeaders,
): headers is WebRequestHeaders => "get" in headers && typeof headers.get === "function";
