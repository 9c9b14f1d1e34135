import { TiffinError } from "../errors.ts";

/** What came is not an export, whole and unaltered. `what` goes on a sentence that begins with "the export". */
export const exportInvalid = (what: string, cause?: unknown): TiffinError =>
  new TiffinError("export_invalid", `the export ${what}`, { cause });
