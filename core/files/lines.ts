/** Lines of a file in UTF-8 with their numbers, in bounded memory: a line that is too long is told of and skipped. */
import { openBytes } from './bytes.ts';
import { FileError, MOST_RECORD_BYTES } from './rows.ts';

/** A line without its end, or why it cannot be read; `endsAt` is how much of the file was read for it. */
export type Line = Readonly<{ number: number; text: string | null; problem: string | null; endsAt: number }>;

const LF = 0x0a;
const CR = 0x0d;

/** Refuses what is no UTF-8 text by its first bytes: UTF-16, a compressed file, a spreadsheet. */
export function checkText(start: Uint8Array): void {
  const [a, b, c, d] = start;
  const isUtf16 = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  if (isUtf16) throw new FileError('The file is UTF-16.', 'Save it as UTF-8.');
  if (a === 0x1f && b === 0x8b) throw new FileError('The file is packed twice with gzip.', 'Unpack it once.');
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4) {
    throw new FileError('The file is a zip archive or a spreadsheet.', 'Unpack it, or save the sheet as CSV.');
  }
  if (start.includes(0)) throw new FileError('The file is not text.', 'Name the format: csv, ndjson, json or parquet.');
}

/** Every line of a file. Empty lines are told of too, so that numbers are those an editor shows. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let isTooLong = false;
  const { stream, position } = openBytes(file);
  let number = 0;
  const make = (): Line => {
    number += 1;
    if (isTooLong) {
      const problem = `The line has more than ${MOST_RECORD_BYTES} bytes.`;
      return { number, text: null, problem, endsAt: position() };
    }
    let bytes = kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
    if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
    try {
      return { number, text: decoder.decode(bytes), problem: null, endsAt: position() };
    } catch {
      return { number, text: null, problem: 'The line is not UTF-8.', endsAt: position() };
    }
  };
  const keep = (part: Buffer): void => {
    keptBytes += part.length;
    isTooLong ||= keptBytes > MOST_RECORD_BYTES;
    if (isTooLong) kept = [];
    else kept.push(part);
  };
  let isFirst = true;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (isFirst) checkText(chunk.subarray(0, 4096));
    isFirst = false;
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(LF, from);
      keep(chunk.subarray(from, end < 0 ? undefined : end));
      from = end < 0 ? chunk.length : end + 1;
      if (end < 0) break;
      yield make();
      [kept, keptBytes, isTooLong] = [[], 0, false];
    }
  }
  if (keptBytes > 0) yield make();
}
