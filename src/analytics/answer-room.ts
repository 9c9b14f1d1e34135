import { limitExceeded, TiffinError } from "../errors.ts";
import type { AnalyticsLimits } from "./analytics-limits.ts";
import { asMessage, bytesOfAnswered } from "./answer-bytes.ts";
import type { ExpectedGroups, WholeAnswer } from "./whole-query.ts";

/** How much of an answer one message has room for. Refuses more as soon as it is known that there is more. */
export class AnswerRoom implements WholeAnswer {
  readonly #limits: AnalyticsLimits;
  #numbers = 0;
  #numbersAtMost = 0;
  #bytes = 0;

  constructor(limits: AnalyticsLimits) {
    this.#limits = limits;
  }

  restart(): void {
    this.#numbers = 0;
    this.#numbersAtMost = 0;
    this.#bytes = 0;
  }

  expect({ keys, names, numbers, numbersAtMost }: ExpectedGroups): void {
    this.#numbers += keys.length * numbers;
    this.#numbersAtMost = numbersAtMost;
    for (const key of keys) this.#bytes += bytesOfAnswered(key, { names, numbers }, asMessage);
    const max = this.#limits.analyticsNumbersMax;
    if (this.#numbers > max) {
      const actual = Math.max(this.#numbers, numbersAtMost);
      throw tooLarge("numbers", limitExceeded("analyticsNumbersMax", max, actual));
    }
    this.assertBytes(this.#bytes);
  }

  assertBytes(bytes: number): void {
    const max = this.#limits.messageBytesMax;
    if (bytes <= max) return;
    const actual = Math.max(bytes, this.#numbersAtMost * asMessage.number);
    throw tooLarge("bytes", limitExceeded("messageBytesMax", max, actual));
  }
}

function tooLarge(what: string, { details }: TiffinError): TiffinError {
  const { max, actual } = details.metadata ?? {};
  const message = `the answer would have ${actual} ${what}, and ${max} are the most: StreamQuery answers it group by group`;
  return new TiffinError("limit_exceeded", message, details);
}
