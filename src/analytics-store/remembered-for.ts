/** How long, and how many of a tenant, every engine remembers changes and requests. */
export const changesMs = 3_600_000;
export const commitsMax = 10_000;
export const requestMs = 600_000;
export const requestsMax = 100_000;
