/**
 * Records of JSON documents: a list, an object that wraps one as pages of an API do, or objects one after the other.
 * Read byte by byte, so that a list of any length takes the memory of one record. Not for a line each: that is NDJSON.
 */
import { statSync } from 'node:fs';
import { openBytes } from './bytes.ts';
import { checkText } from './lines.ts';
import { namesIn } from './ndjson.ts';
import { Batcher, FileError, MOST_COLUMNS, MOST_RECORD_BYTES } from './rows.ts';
import type { Row, RowBatch, RowSource, Value } from './rows.ts';

/** Members of an outer object that are its list, as OpenMeter, Lago, Stripe and others name them. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'data',
  'items',
  'events',
  'customers',
  'subscriptions',
  'billable_metrics',
  'plans',
  'prices',
  'accounts',
  'transactions',
  'invoices',
  'credits',
]);
/** Records looked at to find the columns. */
const SAMPLE = 100;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Whether a parsed first line is a whole document that wraps a list. */
export const wrapsList = (value: object): boolean =>
  Object.entries(value).some(([name, member]) => WRAPPERS.has(name) && Array.isArray(member));

function rowOf(row: number, bytes: Buffer | null): Row {
  if (bytes === null) {
    return { row, column: null, problem: `The record has more than ${MOST_RECORD_BYTES} bytes.`, text: '' };
  }
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { row, values: value as Readonly<Record<string, Value>> };
    }
    return { row, column: null, problem: 'The record is not a JSON object.', text };
  } catch (error) {
    const reason = error instanceof SyntaxError ? `not JSON: ${error.message}` : 'not UTF-8';
    return { row, column: null, problem: `The record is ${reason}.`, text };
  }
}

/** Where a document stands: how deep, inside which text, and from which depth on a record is kept. */
class Scanner {
  readonly #found: Row[] = [];
  #row = 0;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  /** The depth at which values are records: 0 of documents, 1 of a list, 2 of one inside an object, none after it. */
  #level = 0;
  #word: number[] = [];
  #key = '';
  #kept: number[] | null = [];
  #isKeeping = false;

  take(): Row[] {
    return this.#found.splice(0);
  }

  feed(chunk: Buffer): void {
    for (const byte of chunk) {
      if (this.#isText) this.#inText(byte);
      else this.#outside(byte);
    }
  }

  #inText(byte: number): void {
    this.#keep(byte);
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) {
      this.#isText = false;
      return;
    }
    if (this.#depth === 1 && this.#word.length < 32) this.#word.push(byte);
  }

  #outside(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.#begin();
        this.#isText = true;
        this.#word = [];
        return this.#keep(byte);
      case COLON:
        if (this.#depth === 1) this.#key = Buffer.from(this.#word).toString('latin1');
        return this.#keep(byte);
      case OPEN_LIST:
      case OPEN_OBJECT:
        return this.#open(byte);
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        return this.#close(byte);
      case COMMA:
        if (this.#depth === this.#level) return this.#end();
        return this.#keep(byte);
      default:
        if (this.#depth === this.#level && isSpace(byte)) return undefined;
        this.#begin();
        return this.#keep(byte);
    }
  }

  /** A value at the level of records begins. Outside a list only objects and lists stand for themselves. */
  #begin(): void {
    if (this.#isKeeping || this.#depth !== this.#level) return;
    [this.#isKeeping, this.#kept] = [true, []];
  }

  #open(byte: number): void {
    const isList = byte === OPEN_LIST;
    if (isList && this.#depth === 0) this.#level = 1;
    else if (isList && this.#depth === 1 && this.#level !== 1 && WRAPPERS.has(this.#key)) {
      [this.#level, this.#isKeeping, this.#kept] = [2, false, []];
    } else {
      this.#begin();
      this.#keep(byte);
    }
    this.#depth += 1;
  }

  #close(byte: number): void {
    if (this.#depth === this.#level) this.#end();
    this.#depth -= 1;
    if (this.#depth < 0) this.#stray();
    this.#keep(byte);
    // A list is over: what comes after it in its object is of no record.
    if (this.#level === 2 && this.#depth === 1) this.#level = Infinity;
    else if (this.#depth === 0) {
      if (this.#level === 0) this.#end();
      this.#level = 0;
    } else if (this.#depth === this.#level) this.#end();
  }

  #end(): void {
    if (!this.#isKeeping) return;
    this.#row += 1;
    this.#found.push(rowOf(this.#row, this.#kept && Buffer.from(this.#kept)));
    [this.#isKeeping, this.#kept] = [false, []];
  }

  #keep(byte: number): void {
    if (!this.#isKeeping || this.#kept === null) return;
    if (this.#kept.length >= MOST_RECORD_BYTES) this.#kept = null;
    else this.#kept.push(byte);
  }

  #stray(): never {
    throw new FileError(
      `After record ${this.#row} the file closes what it did not open.`,
      'It is no JSON; write it again.',
      this.#row,
    );
  }

  finish(): void {
    if (this.#depth === 0 && !this.#isText && !this.#isKeeping) return;
    throw new FileError(
      `The file ends in the middle of record ${this.#row + 1}.`,
      'It was cut off: write it again. What was taken is not counted twice.',
    );
  }
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

async function* batches(file: string): AsyncGenerator<RowBatch> {
  const { stream, position } = openBytes(file);
  const scanner = new Scanner();
  const batcher = new Batcher();
  let isFirst = true;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (isFirst) checkText(chunk.subarray(0, 4096));
    scanner.feed(isFirst && chunk.subarray(0, 3).equals(BOM) ? chunk.subarray(3) : chunk);
    isFirst = false;
    for (const row of scanner.take()) if (batcher.push(row)) yield batcher.take(position());
  }
  if (!batcher.isEmpty) yield batcher.take(position());
  scanner.finish();
}

export async function openJson(file: string): Promise<RowSource> {
  const columns = new Set<string>();
  let seen = 0;
  for await (const { rows } of batches(file)) {
    for (const row of rows.slice(0, SAMPLE))
      if ('values' in row) for (const name of namesIn(row.values)) columns.add(name);
    seen += rows.length;
    if (seen >= SAMPLE) break;
  }
  return {
    format: 'json',
    columns: [...columns].slice(0, MOST_COLUMNS),
    totalBytes: statSync(file).size,
    totalRows: null,
    batches: () => batches(file),
  };
}
