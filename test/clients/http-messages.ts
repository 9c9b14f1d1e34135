import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** A request of Node's http, as it comes to a handler, with this header Cookie. */
export function requestWith(cookie: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers.cookie = cookie;
  return request;
}

/** A response of Node's http whose headers are not sent. */
export const nodeResponse = (): ServerResponse =>
  new ServerResponse(new IncomingMessage(new Socket()));

/** The lines Set-Cookie of a response. */
export function setCookiesOf(response: ServerResponse): string[] {
  const lines = response.getHeader("set-cookie") ?? [];
  return Array.isArray(lines) ? lines : [String(lines)];
}
