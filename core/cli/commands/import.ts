/** `tollkeeper import FILE`: tries a file of usage and says what it would come to; with `--book`, takes it. */
import { resolve } from 'node:path';
import { ImportMapping } from '#core/contract/imports.ts';
import type { ImportStep, Mapping } from '#core/contract/imports.ts';
import { formatAmount } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import type { Client } from '../connection.ts';
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { tame, toJson } from '../output.ts';
import { overConnection } from '../run.ts';
import { signIn } from '../session.ts';

const FORMATS = ['csv', 'ndjson', 'json', 'parquet'] as const;
const MEANINGS = ['source', 'id', 'customer', 'meter', 'quantity', 'occurredAt'] as const;
const FORMS = new Set(['rfc3339', 'seconds', 'milliseconds']);
/** Rows told of one by one; the error file has all. */
const SHOWN = 5;
const MAP_HELP =
  'Write --map customer=account_id,meter==tokens,id=event_id,occurredAt=ts:seconds,dimension.region=zone';

/** One part of `--map`: a column after `=`, a value for all rows after `==`, and `id=#` for the row's number. */
function readPart(part: string): [string, unknown] {
  const [, name = '', sign, text = ''] = /^([A-Za-z.][A-Za-z0-9_.-]*)(==?)(.+)$/.exec(part) ?? [];
  if (name === '') return usage(`"${tame(part)}" is no part of a mapping.`, MAP_HELP);
  if (name.startsWith('dimension.')) return [name, text];
  if (!MEANINGS.some((one) => one === name)) {
    return usage(`A mapping knows no "${tame(name)}".`, `It takes ${MEANINGS.join(', ')} and dimension.NAME.`);
  }
  if (name === 'id' && text === '#') return ['id', { rowNumber: true }];
  if (name === 'occurredAt') {
    const [, column = text, form] = /^(.+):([a-z0-9]+)$/.exec(text) ?? [];
    return ['occurredAt', form !== undefined && FORMS.has(form) ? { column, as: form } : { column: text }];
  }
  return [name, sign === '==' ? { value: text } : { column: text }];
}

/** The mapping in force: what was guessed, with every part of `--map` in its place. */
function mappingOf(guess: Mapping | null, missing: readonly string[], map: string | undefined): Mapping {
  const parts = (map ?? '').split(',').filter((part) => part !== '');
  const named = new Map(parts.map(readPart));
  const dimensions = [...named].filter(([name]) => name.startsWith('dimension.'));
  const given = [...named].filter(([name]) => !name.startsWith('dimension.'));
  const whole = {
    source: { value: 'import' },
    id: { rowNumber: true },
    ...guess,
    ...Object.fromEntries(given),
    dimensions: {
      ...guess?.dimensions,
      ...Object.fromEntries(dimensions.map(([name, column]) => [name.slice(10), column])),
    },
  };
  const read = ImportMapping.safeParse(whole);
  if (read.success) return read.data;
  const lacking = missing.filter((meaning) => !named.has(meaning));
  return usage(`No column is named like ${lacking.join(' or ') || 'what the mapping needs'}.`, MAP_HELP);
}

const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');

function progressText(step: ImportStep): string {
  const share = Math.floor((step.bytesRead / Math.max(1, step.totalBytes)) * 100);
  const left = step.secondsLeft === null ? '' : `, ${step.secondsLeft} s left`;
  return `${share} %  ${grouped(step.rows)} rows, ${grouped(step.rowsPerSecond)} a second${left}`;
}

function outcomeText(step: ImportStep, isBooked: boolean): string {
  const waiting = step.parked > 0 ? ` (${grouped(step.parked)} wait in the unrated queue)` : '';
  const lines = [
    isBooked ? `Imported ${grouped(step.rows)} rows.` : `Tried ${grouped(step.rows)} rows; nothing was booked.`,
    `  new         ${grouped(step.accepted)}${waiting}`,
    `  duplicates  ${grouped(step.duplicates)}`,
    `  conflicts   ${grouped(step.conflicts)}`,
    `  refused     ${grouped(step.refused)}`,
  ];
  const shown = step.problems.slice(0, SHOWN);
  for (const { row, detail, fix } of shown) lines.push(`  row ${row}: ${tame(detail)} ${tame(fix)}`);
  if (step.errorFile !== null)
    lines.push(`Rows that were not taken are in ${tame(step.errorFile)}: mend and import it.`);
  for (const { asset, amountMinor } of step.effects ?? []) {
    lines.push(`They would come to ${formatAmount(BigInt(amountMinor), asset as Asset)}.`);
  }
  if (step.notPriced)
    lines.push(
      `${grouped(step.notPriced)} of them are not in that sum: without a price, or of meters that keep a value.`,
    );
  if (!isBooked) lines.push('Run it again with --book to take it.');
  return `${lines.join('\n')}\n`;
}

async function follow(
  client: Client,
  order: Parameters<Client['imports']['run']>[0],
  invocation: Invocation,
): Promise<ImportStep> {
  const { screen, format, signal } = invocation;
  const isShown = process.stderr.isTTY && format === 'table';
  let last: ImportStep | undefined;
  for await (const step of await client.imports.run(order, { signal })) {
    last = step;
    if (format === 'json') screen.out(`${toJson(step)}\n`);
    if (isShown && !step.done) screen.err(`\r\u001b[K${progressText(step)}`);
  }
  if (isShown) screen.err('\r\u001b[K');
  return last ?? usage('The import ended without an answer.', 'Run it again: nothing is counted twice.');
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(importFile, invocation, 1);
  const path = resolve(wordOf(importFile, invocation, 0));
  const named = flagOf(invocation, 'format');
  const format = FORMATS.find((one) => one === named);
  if (named !== undefined && !format)
    usage(`There is no format "${tame(named)}".`, `Name one of ${FORMATS.join(', ')}.`);
  const isBooked = invocation.flags.some(({ name }) => name === 'book');
  const errorFile = flagOf(invocation, 'errors');
  const step = await overConnection(invocation, { mayRepeat: true, mayReadOnly: !isBooked }, async (connection) => {
    const { client } = connection;
    await signIn(connection, invocation.shared.operator);
    const file = { path, ...(format ? { format } : {}) };
    const preview = await client.imports.preview(file);
    const mapping = mappingOf(preview.mapping, preview.missing, flagOf(invocation, 'map'));
    const errors = errorFile === undefined ? {} : { errorFile: resolve(errorFile) };
    return follow(client, { ...file, mapping, book: isBooked, ...errors }, invocation);
  });
  if (invocation.format === 'table') invocation.screen.out(outcomeText(step, isBooked));
  return step.refused + step.conflicts === 0 ? EXIT.ok : EXIT.refused;
}

export const importFile: OwnCommand = {
  name: 'import',
  usage: 'tollkeeper import FILE [--book] [--format csv|ndjson|json|parquet] [--map MAPPING] [--errors FILE]',
  doc: 'Try a file of usage and say what it would come to; with --book take it. Run again, nothing counts twice.',
  flags: ['format', 'map', 'errors'],
  switches: ['book'],
  run,
};
