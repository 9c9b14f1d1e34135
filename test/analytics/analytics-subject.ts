import type { AnalyticsStore, Scope } from "../../src/analytics-store/analytics-store.ts";
import type { ManualClock } from "../support/manual-clock.ts";

export interface OpenedAnalytics {
  readonly store: AnalyticsStore;
  readonly clock: ManualClock;
}

export interface AnalyticsUnderTest {
  readonly name: string;
  /** A store that is ready. It may be the same each time: every test takes tenants of its own, and the clock only goes on. */
  open(): Promise<OpenedAnalytics>;
}

/** The store, and a tenant that nobody has used. */
export async function openTenant(
  subject: AnalyticsUnderTest,
): Promise<OpenedAnalytics & { readonly scope: Scope }> {
  const opened = await subject.open();
  return { ...opened, scope: newScope() };
}

export const newScope = (): Scope => ({ tenant: `tenant-${++tenants}` });

let tenants = 0;
