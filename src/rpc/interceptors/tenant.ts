import { TiffinError } from "../../errors.ts";
import { cut } from "../cut.ts";
import type { InterceptorFactory } from "./interceptor.ts";

const header = "tiffin-tenant";
const form = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Reads the tenant's name and checks its form; whether there is such a tenant, the room finds out. */
export const tenant = (): InterceptorFactory => (method) => {
  if (method?.tenanted !== true) return undefined;
  return {
    begin(exchange) {
      const name = exchange.header(header);
      if (name === undefined) return;
      // A repeated header is joined with a comma, which no name contains.
      if (!form.test(name)) throw malformed(name);
      exchange.tenant = name;
    },
  };
};

function malformed(name: string): TiffinError {
  const description = `must be one name of 1 to 63 of a-z, 0-9 and -, not beginning with -`;
  const value = cut(name);
  return new TiffinError("invalid_field", `${header} ${description}, and is "${value}"`, {
    metadata: { field: header, value },
    violations: [{ field: header, description }],
  });
}
