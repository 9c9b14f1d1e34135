import type { Sample } from "./sample.ts";

export type Cell = string | number | Sample | undefined;

/** What a suite found out, as it is printed and as it is written to JSON. */
export interface Table {
  readonly title: string;
  /** How to read it: what was done, against what, with which aim. */
  readonly note: string;
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

/** As text: a column per name in the rows, samples as median and range. */
export function formatTable({ title, note, rows }: Table): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => formatCell(row[name])));
  const widths = names.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join("  ");
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [`${title}`, `  ${note}`, "", line(names), rule, ...cells.map(line), ""].join("\n");
}

function formatCell(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatNumber(cell);
  return `${formatNumber(cell.median)} (${formatNumber(cell.min)}..${formatNumber(cell.max)})`;
}

/** Three digits that mean something; no more are ever reproducible here. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}
