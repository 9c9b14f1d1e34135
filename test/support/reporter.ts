import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Beside vitest's own reporter: says at the end which tests were skipped and why, and how to run a property that
 * failed again. A skipped test that nobody reads about is a test that is not there.
 */
export function createReporter(write: (line: string) => void): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[]) {
      const tests = modules.flatMap((module) => [...module.children.allTests()]);
      section(write, "Skipped", tests.flatMap(skippedLine));
      section(write, "Run a failed property again", unique(tests.flatMap(replayLines)));
    },
  };
}

function section(write: (line: string) => void, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  write(`\n ${title}`);
  for (const line of lines) write(`  ${line}`);
}

function skippedLine(test: TestCase): string[] {
  const result = test.result();
  if (result.state !== "skipped") return [];
  // Without a note the reason is in the title; test/tidy.test.ts sees to it that there is one.
  return [result.note === undefined ? nameOf(test) : `${nameOf(test)}: ${result.note}`];
}

function replayLines(test: TestCase): string[] {
  const errors = test.result().errors ?? [];
  return errors.flatMap(({ message }) => {
    const replay = replayOf(message);
    return replay === undefined ? [] : [`${nameOf(test)}: ${replay}`];
  });
}

/** What to set so that fast-check repeats the failure it reports; undefined where the message is no such report. */
export function replayOf(message: string): string | undefined {
  const report = /\{ seed: (?<seed>-?\d+), path: "(?<path>[^"]*)"/.exec(message);
  if (report?.groups === undefined) return undefined;
  return `TIFFIN_TEST_SEED=${report.groups["seed"]} TIFFIN_TEST_PATH=${report.groups["path"]}`;
}

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

const unique = (lines: readonly string[]): string[] => [...new Set(lines)];
