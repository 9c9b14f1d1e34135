/** What a person at a terminal sees first: where it listens, and what to try. */
export function banner(addresses: { readonly grpc: string[]; readonly http: string[] }): string {
  const [grpc] = addresses.grpc;
  const [http] = addresses.http;
  const lines = [
    "",
    "  Tiffin, the state sidecar",
    "",
    ...addresses.grpc.map((address) => `  gRPC  ${address}`),
    ...addresses.http.map((address) => `  HTTP  ${address.replace(/^(?!unix:)/, "http://")}`),
    "",
  ];
  if (grpc !== undefined && http !== undefined && !http.startsWith("unix:")) {
    lines.push("  Try", "", `  ${setLine(grpc)}`, `  ${getLine(http)}`, "");
  }
  return `${lines.join("\n")}\n`;
}

const setLine = (address: string): string =>
  `grpcurl -plaintext -d '{"key":"session123","value":{"json":{"userId":1,"username":"Alice"}}}' ${address} tiffin.kv.v1.KeyValueService/Set`;

const getLine = (address: string): string =>
  `curl -s ${address}/tiffin.kv.v1.KeyValueService/Get -H 'content-type: application/json' -d '{"key":"session123"}'`;
