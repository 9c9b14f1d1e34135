/** Cuts ranges of time into periods, and remembers what was asked for last. */
export class Calendar {}
