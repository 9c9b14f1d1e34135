import { type RawBuilder, sql } from "kysely";

/** A column of doubles: its name, and what it is in each row. */
export interface PackedColumn {
  readonly name: string;
  readonly of: RawBuilder<unknown>;
}

/** One row for all: each column as the hexadecimal digits of its doubles, null where there are no rows. */
export type PackedRow = Readonly<Record<string, string | null>>;

/**
 * The columns of a table, each as one text: drivers take many times as long to take a thousand rows apart. Null is NaN. All columns are in one
 * order, whichever that is.
 */
export function packed(
  columns: readonly PackedColumn[],
  table: RawBuilder<unknown>,
): RawBuilder<PackedRow> {
  const texts = columns.map(
    ({ name, of }) =>
      sql`encode(string_agg(float8send(coalesce((${of})::float8, 'NaN')), ''), 'hex') as ${sql.id(name)}`,
  );
  return sql<PackedRow>`select ${sql.join(texts)} from (${table}) as unpacked`;
}

export function unpacked(hex: string | null | undefined): Float64Array {
  if (hex == null) return new Float64Array();
  // Of its own, so that it begins where doubles may.
  const bytes = Buffer.allocUnsafeSlow(hex.length / 2);
  bytes.write(hex, "hex");
  return new Float64Array(bytes.swap64().buffer);
}
