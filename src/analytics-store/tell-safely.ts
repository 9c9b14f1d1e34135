/** Told of what goes wrong behind the calls. */
export type Report = (problem: string, cause: unknown) => void;

/** Calls one who only listens: what he throws, at once or later, is reported, and fails nothing. */
export function tellSafely(tell: () => unknown, who: string, report: Report): void {
  const failed = (cause: unknown): void => report(`${who} threw`, cause);
  try {
    const told = tell();
    if (told instanceof Promise) told.catch(failed);
  } catch (error) {
    failed(error);
  }
}
