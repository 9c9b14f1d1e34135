import { request as httpRequest } from "node:http";

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The reason of the Connect error in the body, if that is what it is. */
  readonly reason: string | undefined;
}

/** An HTTP request made by hand: any Host, Origin or body. */
export async function requestRaw(
  address: string,
  { method = "POST", path, headers = {}, body }: RawRequest,
): Promise<RawResponse> {
  const [host, port] = address.split(":");
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
  const request = httpRequest(
    {
      host,
      port,
      method,
      path,
      headers: { host: address, ...headers },
      agent: false,
      setHost: false,
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          reason: reasonIn(text),
        });
      });
    },
  );
  request.on("error", reject);
  request.end(body);
  return await promise;
}

/** What most tests send: a call in JSON, with headers of its own if it has any. */
export const callJson = (
  ...[address, method, body, headers = {}]: readonly [
    address: string,
    method: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ]
): Promise<RawResponse> =>
  requestRaw(address, {
    path: `/tiffin.kv.v1.KeyValueService/${method}`,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

function reasonIn(text: string): string | undefined {
  const found = /"reason":"([A-Z_]+)"/.exec(text);
  return found?.[1];
}
