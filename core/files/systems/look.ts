/** A look at records of another system before anything is tried: what they become here, and what of them is left. */
import type { IngestTerms } from '#core/gateway/slices.ts';
import { unescaped } from '../error-file.ts';
import type { FileFormat, Row } from '../rows.ts';
import { RecordProblem, nameInRun } from './makes.ts';
import type { Converter, LeftOut, Make, MakeKind, Values } from './makes.ts';

/** A thing in words: its kind, its name in the run, and all of it as JSON text. */
type Named = Readonly<{ kind: MakeKind; name: string; text: string }>;
type Problem = Readonly<{ detail: string; fix: string }>;
export type LookedRecord = Readonly<{
  row: number;
  values: string;
  makes: readonly Named[];
  leftOut: readonly LeftOut[];
  problem: Problem | null;
}>;
export type SystemLook = Readonly<{
  /** How many records were looked at, and whether that is the whole file. */
  looked: number;
  isWhole: boolean;
  /** Different things by kind; whether the books have them already only a trial says. */
  makes: readonly Readonly<{ kind: MakeKind; count: number }>[];
  leftOut: readonly (LeftOut & Readonly<{ count: number }>)[];
  /** Records that cannot be read as what the system writes. */
  refused: number;
  records: readonly LookedRecord[];
}>;

/** One record's text is cut here: a look is for the eye, the file itself has all of it. */
const MOST_TEXT = 4000;
const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
const words = (value: unknown): string => JSON.stringify(value, asText).slice(0, MOST_TEXT);

function named(make: Make): Named {
  const { kind, ...rest } = make;
  return { kind, name: nameInRun(make), text: words(make.kind === 'event' ? make.event : rest) };
}

const UNREADABLE = 'Mend the row in the file, or leave it out.';
type Way = Readonly<{ converter: Converter; terms: IngestTerms; shown: number; format: FileFormat }>;

function readOne(row: Row, { converter, terms, format }: Way): LookedRecord {
  const nothing = { row: row.row, values: '', makes: [], leftOut: [] };
  if (!('values' in row)) return { ...nothing, problem: { detail: row.problem, fix: UNREADABLE } };
  const values: Values = unescaped(row.values, { format });
  try {
    const { makes, leftOut } = converter(values, terms);
    return { row: row.row, values: words(values), makes: makes.map(named), leftOut, problem: null };
  } catch (error) {
    if (!(error instanceof RecordProblem)) throw error;
    return { ...nothing, values: words(values), problem: { detail: error.message, fix: error.fix } };
  }
}

/** Reads records as an import would, and books nothing. The first of them are told one by one, all are counted. */
export function lookAt(rows: readonly Row[], way: Way): Omit<SystemLook, 'isWhole'> {
  const names = new Map<MakeKind, Set<string>>();
  const left = new Map<string, LeftOut & { count: number }>();
  const records: LookedRecord[] = [];
  let refused = 0;
  for (const row of rows) {
    const record = readOne(row, way);
    if (records.length < way.shown) records.push(record);
    if (record.problem !== null) refused += 1;
    for (const { kind, name } of record.makes) names.set(kind, (names.get(kind) ?? new Set()).add(name));
    for (const { what, why } of record.leftOut) {
      left.set(what, { what, why, count: (left.get(what)?.count ?? 0) + 1 });
    }
  }
  const makes = [...names].map(([kind, those]) => ({ kind, count: those.size }));
  return { looked: rows.length, makes, leftOut: [...left.values()], refused, records };
}
