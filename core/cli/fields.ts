/** Reads the flags of a contract command into its input: numbers, instants, durations, amounts, lists and JSON. */
import { isAsset, parseAmount } from '#core/domain/money.ts';
import type { Flag } from './arguments.ts';
import type { ContractCommand, Field, FieldSchema } from './catalog.ts';
import { kebab } from './catalog.ts';
import { usage } from './failure.ts';
import { nearest } from './nearest.ts';

type Input = Record<string, unknown>;

/** `Millis` of the contract reaches to the year 9999; every other `…Ms` is a length of time. */
const LAST_MS = 253_402_300_799_999;
export const isInstant = ({ name, schema }: Field): boolean => name.endsWith('Ms') && schema.maximum === LAST_MS;
export const isDuration = (field: Field): boolean =>
  field.name.endsWith('Ms') && field.schema.type === 'integer' && !isInstant(field);
export const isAmount = ({ name }: Field): boolean => name.endsWith('Minor');

const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

function bad(field: Field, text: string, wanted: string): never {
  return usage(`--${field.flag} does not take "${text.slice(0, 80)}".`, `It takes ${wanted}.`);
}

function readInteger(field: Field, text: string): number {
  if (/^-?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  const length = isDuration(field) ? DURATION.exec(text) : null;
  if (length) return Number(length[1]) * (UNIT_MS[length[2] ?? ''] ?? 1);
  const atMs = isInstant(field) ? parseTime(text) : null;
  return atMs ?? bad(field, text, describe(field));
}

/** A date or an RFC 3339 instant, in UTC unless it names a zone; null for anything else. */
function parseTime(text: string): number | null {
  const parts = INSTANT.exec(text);
  if (!parts) return null;
  // A time without a zone would be read in this machine's.
  const atMs = Date.parse(text.includes('T') && parts[1] === undefined ? `${text}Z` : text);
  const day = text.slice(0, 10);
  // The 30th of February would be read as the 2nd of March.
  const isDay = !Number.isNaN(atMs) && new Date(Date.parse(day)).toISOString().startsWith(day);
  return isDay ? atMs : null;
}

/** The two times of a read, as flags of a command of the line. */
export const TIME_FLAGS = ['as-of', 'known-at'] as const;
export function timesOf(flags: readonly Flag[]): { asOfMs?: number; knownAtMs?: number } {
  const read = (name: string): number | undefined => {
    const text = flags.findLast((flag) => flag.name === name)?.value;
    if (text === undefined) return undefined;
    const atMs = /^\d{1,15}$/.test(text) ? Number(text) : parseTime(text);
    return (
      atMs ?? usage(`--${name} does not take "${text.slice(0, 80)}".`, 'Write it as 2026-07-01 or 2026-07-01T12:00Z.')
    );
  };
  const [asOfMs, knownAtMs] = TIME_FLAGS.map(read);
  return { ...(asOfMs === undefined ? {} : { asOfMs }), ...(knownAtMs === undefined ? {} : { knownAtMs }) };
}

function readJson(field: Field, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return bad(field, text, 'JSON');
  }
}

function readOne(field: Field, schema: FieldSchema, text: string): unknown {
  if (schema.enum && !schema.enum.includes(text)) return bad(field, text, `one of ${schema.enum.join(', ')}`);
  switch (schema.type) {
    case 'string':
      return text;
    case 'integer':
    case 'number':
      return readInteger(field, text);
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      return bad(field, text, 'true or false');
    default:
      return readJson(field, text);
  }
}

/** What a field takes, in a few words. */
export function describe(field: Field): string {
  const { schema } = field;
  if (isInstant(field))
    return 'an instant: 2026-07-01, 2026-07-01T12:00 (UTC unless a zone follows) or UTC milliseconds';
  if (isDuration(field)) return 'a length of time: 90s, 15m, 24h, 30d or milliseconds';
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.type === 'array')
    return schema.items?.enum ? `${schema.items.enum.join(' | ')} (again for more)` : 'a value (again for more)';
  if (schema.type === 'integer') return 'a number';
  if (schema.type === 'boolean') return 'true | false';
  return schema.type === 'string' ? 'text' : 'JSON';
}

function find(command: ContractCommand, flag: Flag): Field {
  const name = flag.name.replace(/^no-/, '');
  const fits = (field: Field, text: string): boolean => field.flag === text || field.name === text;
  const field = command.fields.find((one) => fits(one, flag.name)) ?? command.fields.find((one) => fits(one, name));
  if (field) return field;
  const known = [...command.fields.map((one) => one.flag), 'json', 'all', 'key', 'workspace', 'operator', 'output'];
  return usage(
    `${command.noun} ${command.verb} has no flag --${flag.name}.`,
    `Did you mean --${nearest(kebab(flag.name), known)}? See tollkeeper ${command.noun} ${command.verb} --help.`,
  );
}

function apply(command: ContractCommand, flag: Flag, input: Input): void {
  const field = find(command, flag);
  const isNo = flag.name === `no-${field.flag}`;
  const isTruth = field.schema.type === 'boolean';
  if (isNo && !isTruth && !field.isNullable)
    usage(`--${flag.name} makes no sense here.`, `It takes ${describe(field)}.`);
  if (isNo) input[field.name] = isTruth ? false : null;
  else if (flag.value === undefined) {
    if (!isTruth) usage(`--${flag.name} needs a value.`, `It takes ${describe(field)}.`);
    input[field.name] = true;
  } else if (field.schema.type === 'array' && !flag.value.startsWith('[')) {
    const before = (input[field.name] ?? []) as unknown[];
    input[field.name] = [...before, readOne(field, field.schema.items ?? {}, flag.value)];
  } else input[field.name] = readOne(field, field.schema, flag.value);
}

/** `--amount 12.50 --asset USDC/6` for `--amount-minor 12500000`: the same digits, read exactly. */
function amountFlag(command: ContractCommand, flag: Flag): Field | undefined {
  return command.fields.find((field) => isAmount(field) && field.name === `${flag.name}Minor`);
}

function applyAmounts(command: ContractCommand, amounts: readonly Flag[], input: Input): void {
  for (const flag of amounts) {
    const field = amountFlag(command, flag);
    const asset = String(input['asset'] ?? '');
    if (!isAsset(asset)) usage(`--${flag.name} needs an asset.`, 'Name it as --asset USDC/6.');
    if (field) input[field.name] = String(parseAmount(flag.value ?? '', asset));
  }
}

/** The input of a command from its words and flags. `json` is what `--json` gave; flags count for more. */
export function readInput(
  command: ContractCommand,
  given: Readonly<{ words: readonly string[]; flags: readonly Flag[]; json: Input }>,
): Input {
  const input: Input = { ...given.json };
  const amounts = given.flags.filter((flag) => amountFlag(command, flag) !== undefined);
  for (const flag of given.flags) if (!amounts.includes(flag)) apply(command, flag, input);
  const [word, extra] = given.words;
  if (word !== undefined) {
    const first = command.fields.find(
      ({ name, isRequired, schema }) => isRequired && name !== 'key' && schema.type === 'string',
    );
    if (!first || extra !== undefined || first.name in input) {
      usage(`"${extra ?? word}" is one word too many.`, `See tollkeeper ${command.noun} ${command.verb} --help.`);
    }
    input[first.name] = word;
  }
  applyAmounts(command, amounts, input);
  return input;
}
