const DAY_MS = 24 * 3_600_000;

/** The UTC day that is `days` from today, as `YYYY-MM-DD`. */
export const usageDay = (days = 0): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** When it begins, as a time in milliseconds. */
export const nextUsageDay = (): number => (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
