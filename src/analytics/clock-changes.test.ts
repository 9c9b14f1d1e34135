import { describe, expect, test } from "vitest";
import { cut, daily } from "../../test/support/cut-periods.ts";

describe("clocks that are put on and back", () => {
  test("an hour that comes twice is two periods, told apart by their offsets", () => {
    expect(cut("hour", ["2024-11-03T05:00Z", "2024-11-03T07:30Z"], "America/New_York")).toEqual([
      "2024/11/03/01-04:00 2024-11-03T05:00",
      "2024/11/03/01-05:00 2024-11-03T06:00",
      "2024/11/03/02-05:00 2024-11-03T07:00",
      "end 2024-11-03T07:30",
    ]);
  });

  test("an hour that is left out is no period", () => {
    expect(cut("hour", ["2024-03-31T00:00Z", "2024-03-31T02:00Z"], "Europe/Berlin")).toEqual([
      "2024/03/31/01+01:00 2024-03-31T00:00",
      "2024/03/31/03+02:00 2024-03-31T01:00",
      "end 2024-03-31T02:00",
    ]);
  });

  test("days have 23 and 25 hours", () => {
    expect(cut(daily, ["2024-03-30T23:00Z", "2024-04-01T22:00Z"], "Europe/Berlin")).toEqual([
      "2024/03/31 2024-03-30T23:00",
      "2024/04/01 2024-03-31T22:00",
      "end 2024-04-01T22:00",
    ]);
    expect(cut(daily, ["2024-10-26T22:00Z", "2024-10-28T23:00Z"], "Europe/Berlin")).toEqual([
      "2024/10/27 2024-10-26T22:00",
      "2024/10/28 2024-10-27T23:00",
      "end 2024-10-28T23:00",
    ]);
  });

  test("hours of a zone that is half an hour off begin there, and clocks put back by half an hour cut one", () => {
    expect(cut("hour", ["2024-01-01T00:10Z", "2024-01-01T01:35Z"], "Asia/Kolkata")).toEqual([
      "2024/01/01/05+05:30 2024-01-01T00:10",
      "2024/01/01/06+05:30 2024-01-01T00:30",
      "2024/01/01/07+05:30 2024-01-01T01:30",
      "end 2024-01-01T01:35",
    ]);
    expect(cut("hour", ["2024-04-06T14:00Z", "2024-04-06T16:30Z"], "Australia/Lord_Howe")).toEqual([
      "2024/04/07/01+11:00 2024-04-06T14:00",
      "2024/04/07/01+10:30 2024-04-06T15:00",
      "2024/04/07/02+10:30 2024-04-06T15:30",
      "end 2024-04-06T16:30",
    ]);
  });

  const days: readonly [title: string, zone: string, range: [string, string], starts: string[]][] =
    [
      [
        "begins at one where there is no midnight",
        "America/Sao_Paulo",
        ["2018-11-03T03:00Z", "2018-11-05T02:00Z"],
        ["2018/11/03 2018-11-03T03:00", "2018/11/04 2018-11-04T03:00"],
      ],
      [
        "begins at one where there is no midnight, on the other side of the world",
        "Asia/Beirut",
        ["2022-03-25T22:00Z", "2022-03-27T21:00Z"],
        ["2022/03/26 2022-03-25T22:00", "2022/03/27 2022-03-26T22:00"],
      ],
      [
        "has the hour before midnight twice and ends after the second",
        "America/Sao_Paulo",
        ["2018-02-17T02:00Z", "2018-02-19T03:00Z"],
        ["2018/02/17 2018-02-17T02:00", "2018/02/18 2018-02-18T03:00"],
      ],
      [
        "begins with the first of two midnights",
        "America/Havana",
        ["2023-11-04T04:00Z", "2023-11-06T05:00Z"],
        ["2023/11/04 2023-11-04T04:00", "2023/11/05 2023-11-05T04:00"],
      ],
      [
        "keeps the hour that is put back behind its first minute",
        "America/St_Johns",
        ["2010-11-06T02:30Z", "2010-11-08T03:30Z"],
        ["2010/11/06 2010-11-06T02:30", "2010/11/07 2010-11-07T02:30"],
      ],
      [
        "that was left out whole is no period",
        "Pacific/Apia",
        ["2011-12-29T10:00Z", "2011-12-31T10:00Z"],
        ["2011/12/29 2011-12-29T10:00", "2011/12/31 2011-12-30T10:00"],
      ],
      [
        "that came twice is one period",
        "America/Juneau",
        ["1867-10-17T08:57:41Z", "1867-10-19T08:57:41Z"],
        ["1867/10/18 1867-10-17T08:57:41.000Z", "1867/10/19 1867-10-18T08:57:41.000Z"],
      ],
    ];
  test.each(days)("a day %s", (...[, zone, range, starts]) => {
    expect(cut(daily, range, zone).slice(0, -1)).toEqual(starts);
  });

  test("a range that begins in an hour that was put back belongs to the day that had begun", () => {
    const range = ["2010-11-07T03:00Z", "2010-11-07T04:00Z"] as const;
    expect(cut(daily, range, "America/St_Johns")).toEqual([
      "2010/11/07 2010-11-07T03:00",
      "end 2010-11-07T04:00",
    ]);
  });
});
