/** Rows into the bytes of a file, a part at a time: CSV for people and their programs, Parquet for analysts. */
import { stringify } from 'csv-stringify/sync';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';
import type { Cell, Column, ColumnKind } from '#core/domain/exports.ts';
import { escapeFormula } from './formula.ts';

export type Encoder = Readonly<{
  /** Takes a row; gives bytes when a part is full. */
  add: (row: readonly Cell[]) => Uint8Array | null;
  /** What is left, and the end of the file. */
  end: () => Uint8Array;
}>;

/** A part of CSV is handed on at this many rows; of Parquet it is a row group, which its readers want larger. */
const CSV_ROWS = 1_000;
const GROUP_ROWS = 10_000;
/** Long texts make a part full before its rows do. */
const PART_CHARACTERS = 8 * 1024 * 1024;

const widthOf = (row: readonly Cell[]): number =>
  row.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0);

/** Numbers, decimals and instants are what they look like; only text can hold a formula, so only text is made safe. */
function csvCell(cell: Cell, kind: ColumnKind): string {
  if (cell === null) return '';
  if (kind === 'instant') return new Date(Number(cell)).toISOString();
  return kind === 'text' ? escapeFormula(String(cell)) : String(cell);
}

export function csvEncoder(columns: readonly Column[]): Encoder {
  const encoder = new TextEncoder();
  let rows: string[][] = [columns.map(([name]) => name)];
  let width = 0;
  const take = (): Uint8Array => {
    const bytes = encoder.encode(stringify(rows));
    [rows, width] = [[], 0];
    return bytes;
  };
  return {
    add: (row) => {
      rows.push(row.map((cell, at) => csvCell(cell, columns[at]?.[1] ?? 'text')));
      width += widthOf(row);
      return rows.length >= CSV_ROWS || width >= PART_CHARACTERS ? take() : null;
    },
    end: take,
  };
}

/** Decimals are text in Parquet too: doubles would round them, and a column of decimals has one scale for all. */
const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  decimal: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  integer: { type: 'INT64', repetition_type: 'OPTIONAL' },
  instant: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'OPTIONAL' },
};

function parquetCell(cell: Cell, kind: ColumnKind): unknown {
  if (cell === null) return null;
  if (kind === 'instant') return new Date(Number(cell));
  return kind === 'integer' ? BigInt(cell) : String(cell);
}

export function parquetEncoder(columns: readonly Column[]): Encoder {
  const writer = new ByteWriter();
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.map(([name, kind]) => ({ name, ...TYPES[kind] })),
  ];
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'tollkeeper' });
  let rows: (readonly Cell[])[] = [];
  let width = 0;
  /** The writer counts its offset on; only the bytes that were handed on are let go. */
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const writeGroup = (): void => {
    if (rows.length === 0) return;
    const columnData = columns.map(([name, kind], at) => ({
      name,
      data: rows.map((row) => parquetCell(row[at] ?? null, kind)),
    }));
    // Writes at once: it gives a promise only where its writer has something to wait for, and this one has not.
    void parquet.write({ columnData, rowGroupSize: rows.length });
    [rows, width] = [[], 0];
  };
  return {
    add: (row) => {
      rows.push(row);
      width += widthOf(row);
      if (rows.length < GROUP_ROWS && width < PART_CHARACTERS) return null;
      writeGroup();
      return taken();
    },
    end: () => {
      writeGroup();
      void parquet.finish();
      return taken();
    },
  };
}

export const encoderFor = (format: 'csv' | 'parquet', columns: readonly Column[]): Encoder =>
  format === 'csv' ? csvEncoder(columns) : parquetEncoder(columns);
