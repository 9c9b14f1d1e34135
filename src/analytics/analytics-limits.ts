/** What callers may ask of the analytics room. Configurable; each is named in the error that it causes. */
export interface AnalyticsLimits {
  /** Series that one message may add. */
  readonly analyticsBatchMax: number;
  /** Periods that one query may have. */
  readonly analyticsPeriodsMax: number;
  /** Periods times groups times columns of one answer; of a streamed one, of what is worked out at a time. */
  readonly analyticsNumbersMax: number;
  /** Encoded bytes of an answer. */
  readonly messageBytesMax: number;
  /** How long the next message of an import may take to arrive. */
  readonly requestMsMax: number;
  /** Watches of analytics in this process, of both kinds together. */
  readonly watchesMax: number;
}

export const defaultAnalyticsLimits: AnalyticsLimits = {
  analyticsBatchMax: 10_000,
  analyticsPeriodsMax: 100_000,
  analyticsNumbersMax: 1_000_000,
  messageBytesMax: 4 * 1024 * 1024,
  requestMsMax: 30_000,
  watchesMax: 10_000,
};
