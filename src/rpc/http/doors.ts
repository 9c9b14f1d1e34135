import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

export interface DoorOptions {
  /** Names beside `localhost` and IP literals under which this server may be called. */
  readonly allowedHosts: readonly string[];
  /** Pages that may call from a browser. */
  readonly allowedOrigins: readonly string[];
}

/** Why a request may not enter; undefined: it may. */
export type Refusal = "host_not_allowed" | "origin_not_allowed" | "cross_site" | undefined;

/**
 * What stands before every path. A browser on this machine is an attacker: any page it shows can send requests here,
 * under a name of its own that it lets resolve to this address, and some without asking (forms, images, beacons).
 */
export function createDoors(options: DoorOptions): (headers: IncomingHttpHeaders) => Refusal {
  const hosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
  const origins = new Set(options.allowedOrigins);
  return (headers) => {
    const { host, origin } = headers;
    if (host === undefined || !isAllowedHost(host, hosts)) return "host_not_allowed";
    const listed = origin !== undefined && origins.has(origin);
    if (origin !== undefined && !listed && !isSameHost(origin, host)) return "origin_not_allowed";
    return listed || isSameSite(headers["sec-fetch-site"]) ? undefined : "cross_site";
  };
}

function isAllowedHost(header: string, allowed: ReadonlySet<string>): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d+)?$/.exec(header);
  const [, bracketed, plain] = match ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  if (plain === undefined) return false;
  const name = plain.toLowerCase();
  return name === "localhost" || isIP(name) === 4 || allowed.has(name);
}

/** Whether the page came from here. "null", which sandboxed frames and files send, is nobody's. */
function isSameHost(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

/** Browsers say how the page that asks is related to us; "none" is a person who typed the address. */
const isSameSite = (site: string | string[] | undefined): boolean =>
  site === undefined || site === "same-origin" || site === "none";
