/** `tollkeeper import FILE`: tries a file of usage and says what it would come to; with `--book`, takes it. */
import { resolve } from 'node:path';
import { ImportMapping, SYSTEMS } from '#core/contract/imports.ts';
import type { ImportStep, Mapping, SystemName, SystemStep } from '#core/contract/imports.ts';
import { formatAmount } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { tame, toJson } from '../output.ts';
import { overConnection } from '../run.ts';
import { signIn } from '../session.ts';
import { grouped, leftText, lookText } from './import-words.ts';

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

async function follow<Step extends ImportStep>(steps: AsyncIterable<Step>, invocation: Invocation): Promise<Step> {
  const { screen, format } = invocation;
  const isShown = process.stderr.isTTY && format === 'table';
  let last: Step | undefined;
  for await (const step of steps) {
    last = step;
    if (format === 'json') screen.out(`${toJson(step)}\n`);
    if (isShown && !step.done) screen.err(`\r\u001b[K${progressText(step)}`);
  }
  if (isShown) screen.err('\r\u001b[K');
  return last ?? usage('The import ended without an answer.', 'Run it again: nothing is counted twice.');
}

function systemText({ made, leftOut, ...step }: SystemStep, isBooked: boolean): string {
  const figures = (one: (typeof made)[number]): string =>
    `${grouped(one.new)} new, ${grouped(one.known)} known, ${grouped(one.refused)} refused`;
  const lines = made.map((one) => `  ${`${one.kind}s`.padEnd(10)}  ${figures(one)}`);
  return [
    outcomeText(step, isBooked),
    ...(lines.length > 0 ? ['Made of them:\n', ...lines.map((line) => `${line}\n`)] : []),
    leftText(leftOut),
  ].join('');
}

/** A look at the files of another system, each for itself: nothing is tried, so none needs what another brings. */
async function lookFrom(invocation: Invocation, from: SystemName): Promise<ExitCode> {
  const { words, screen } = invocation;
  const { format } = flagsOf(invocation);
  let isWhole = true;
  await overConnection(invocation, { mayRepeat: true, mayReadOnly: true }, async (connection) => {
    await signIn(connection, invocation.shared.operator);
    for (const word of words) {
      const look = await connection.client.imports.previewFrom({ path: resolve(word), from, ...format });
      screen.out(invocation.format === 'json' ? `${toJson(look)}\n` : `${tame(word)}: ${lookText(look)}`);
      isWhole &&= look.refused === 0;
    }
  });
  return isWhole ? EXIT.ok : EXIT.refused;
}

/** The files of another system, one after the other: customers before what names them, as they are given. */
async function runFrom(invocation: Invocation, from: SystemName): Promise<ExitCode> {
  const { words, screen } = invocation;
  const { isBooked, isLook, format, errorFile } = flagsOf(invocation);
  if (flagOf(invocation, 'map') !== undefined) usage('--from brings its own mapping.', 'Leave --map out.');
  if (words.length > 1 && errorFile !== undefined) usage('--errors is of one file.', 'Give the files one at a time.');
  wordOf(importFile, invocation, 0);
  if (isLook && isBooked) usage('--preview books nothing.', 'Leave --preview or --book out.');
  if (isLook) return lookFrom(invocation, from);
  let isWhole = true;
  await overConnection(invocation, { mayRepeat: true, mayReadOnly: !isBooked }, async (connection) => {
    await signIn(connection, invocation.shared.operator);
    const { signal } = invocation;
    for (const word of words) {
      const order = { path: resolve(word), from, book: isBooked, ...format, ...errorFile };
      const step = await follow(await connection.client.imports.runFrom(order, { signal }), invocation);
      if (invocation.format === 'table') screen.out(`${tame(word)}: ${systemText(step, isBooked)}`);
      isWhole &&= step.refused + step.conflicts === 0;
    }
  });
  return isWhole ? EXIT.ok : EXIT.refused;
}

function flagsOf(invocation: Invocation) {
  const named = flagOf(invocation, 'format');
  const format = FORMATS.find((one) => one === named);
  if (named !== undefined && !format)
    usage(`There is no format "${tame(named)}".`, `Name one of ${FORMATS.join(', ')}.`);
  const errors = flagOf(invocation, 'errors');
  return {
    isBooked: invocation.flags.some(({ name }) => name === 'book'),
    isLook: invocation.flags.some(({ name }) => name === 'preview'),
    format: format ? { format } : {},
    errorFile: errors === undefined ? undefined : { errorFile: resolve(errors) },
  };
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const system = flagOf(invocation, 'from');
  checkUse(importFile, invocation, system === undefined ? 1 : Infinity);
  if (system !== undefined) {
    const from = SYSTEMS.find((one) => one === system);
    return runFrom(
      invocation,
      from ?? usage(`No system is named "${tame(system)}".`, `Name one of ${SYSTEMS.join(', ')}.`),
    );
  }
  const path = resolve(wordOf(importFile, invocation, 0));
  const { isBooked, isLook, format, errorFile } = flagsOf(invocation);
  if (isLook) {
    usage(
      '--preview goes with --from.',
      'Leave it out to try the file, or ask `tollkeeper imports preview --path FILE`.',
    );
  }
  const step = await overConnection(invocation, { mayRepeat: true, mayReadOnly: !isBooked }, async (connection) => {
    const { client } = connection;
    await signIn(connection, invocation.shared.operator);
    const file = { path, ...format };
    const preview = await client.imports.preview(file);
    const mapping = mappingOf(preview.mapping, preview.missing, flagOf(invocation, 'map'));
    const order = { ...file, mapping, book: isBooked, ...errorFile };
    return follow(await client.imports.run(order, { signal: invocation.signal }), invocation);
  });
  if (invocation.format === 'table') invocation.screen.out(outcomeText(step, isBooked));
  return step.refused + step.conflicts === 0 ? EXIT.ok : EXIT.refused;
}

export const importFile: OwnCommand = {
  name: 'import',
  usage:
    'tollkeeper import FILE [--book] [--format csv|ndjson|json|parquet] [--map MAPPING] [--errors FILE], or ' +
    `tollkeeper import --from ${SYSTEMS.join('|')} FILE… [--preview|--book]`,
  doc: 'Try a file of usage, or what another system exports; with --book take it. Run again, nothing counts twice.',
  flags: ['format', 'map', 'errors', 'from'],
  switches: ['book', 'preview'],
  run,
};
