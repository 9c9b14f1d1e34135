/** Configurable bounds of the tenant room. */
export interface TenantLimits {
  /** Tenants in all. */
  readonly tenantsMax: number;
}

export const defaultTenantLimits: TenantLimits = { tenantsMax: 1000 };
