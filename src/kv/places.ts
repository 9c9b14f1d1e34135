import type { Key } from "../store/key.ts";
import { Directory, type Place, tenantsRoot } from "../store/layers/directory.ts";
import { entriesRoot, namespacesRoot } from "./kv-spaces.ts";

/** A tenant as the room knows it, with the namespaces it remembers of it. */
export interface TenantPlace extends Place {
  readonly namespacesRoot: Key;
  readonly namespaces: Directory<NamespacePlace>;
}

export interface NamespacePlace extends Place {
  readonly tenant: TenantPlace;
  /** Under it are the namespace's entries. */
  readonly entries: Key;
}

/** What a tenant's and a namespace's name stand for. */
export interface Found {
  readonly tenant: TenantPlace;
  /** Undefined: the namespace is not there, or was not. */
  readonly namespace: NamespacePlace | undefined;
  readonly namespaceRecord: Key;
}

export function tenantDirectory(): Directory<TenantPlace> {
  return new Directory<TenantPlace>(tenantsRoot, toTenantPlace);
}

function toTenantPlace(place: Place): TenantPlace {
  const root = namespacesRoot(place.number);
  const tenant: TenantPlace = {
    ...place,
    namespacesRoot: root,
    namespaces: new Directory<NamespacePlace>(root, (namespace) => ({
      ...namespace,
      tenant,
      entries: entriesRoot(place.number, namespace.number),
    })),
  };
  return tenant;
}
