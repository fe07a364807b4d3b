/** `tollkeeper export LIST --out FILE`: a list of the books as CSV or Parquet, whole or not at all. */
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EXPORT_FORMATS } from '#core/contract/exports.ts';
import type { ExportOrder } from '#core/contract/exports.ts';
import { EXPORT_LIST_NAMES } from '#core/domain/exports.ts';
import { parseInstant } from '#core/gateway/own-event.ts';
import { checkUse, flagOf, wordOf } from '../context.ts';
import type { Invocation, OwnCommand } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { TIME_FLAGS, timesOf } from '../fields.ts';
import { nearest } from '../nearest.ts';
import { tame } from '../output.ts';
import { overConnection } from '../run.ts';

const FILTERS = ['customer', 'subject', 'meter', 'account', 'state', 'reason'] as const;

function instantOf(invocation: Invocation, name: 'from' | 'to'): number | undefined {
  const text = flagOf(invocation, name);
  if (text === undefined) return undefined;
  const instantMs = /^\d{1,15}$/.test(text) ? Number(text) : parseInstant(text);
  return instantMs ?? usage(`--${name} "${tame(text)}" is no instant.`, 'Write it as 2026-11-21T00:00:00Z.');
}

function orderOf(invocation: Invocation, out: string): ExportOrder {
  const name = wordOf(exportFile, invocation, 0);
  const list = EXPORT_LIST_NAMES.find((one) => one === name);
  if (!list) {
    const meant = nearest(name, EXPORT_LIST_NAMES);
    return usage(
      `There is no list "${tame(name)}". Did you mean ${meant}?`,
      `There are ${EXPORT_LIST_NAMES.join(', ')}.`,
    );
  }
  const wanted = flagOf(invocation, 'format') ?? (out.endsWith('.parquet') ? 'parquet' : 'csv');
  const format = EXPORT_FORMATS.find((one) => one === wanted);
  if (!format) return usage(`There is no format "${tame(wanted)}".`, `Name one of ${EXPORT_FORMATS.join(', ')}.`);
  const filters = Object.fromEntries(
    FILTERS.flatMap((filter) => {
      const value = flagOf(invocation, filter);
      return value === undefined ? [] : [[filter, value]];
    }),
  );
  const [fromMs, toMs] = [instantOf(invocation, 'from'), instantOf(invocation, 'to')];
  return {
    list,
    format,
    ...filters,
    ...timesOf(invocation.flags),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  };
}

/** Written beside its place and moved there when it is whole: nobody reads a part for the whole. */
async function writeTo(path: string, parts: AsyncIterable<Uint8Array>): Promise<number> {
  const part = `${path}.part`;
  const file = createWriteStream(part, { mode: 0o600 });
  try {
    await pipeline(Readable.from(parts), file);
    renameSync(part, path);
    return file.bytesWritten;
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

async function run(invocation: Invocation): Promise<ExitCode> {
  checkUse(exportFile, invocation, 1);
  const out =
    flagOf(invocation, 'out') ?? usage('export needs --out FILE, or --out - to write here.', exportFile.usage);
  const order = orderOf(invocation, out);
  const path = resolve(out);
  if (out !== '-' && existsSync(path)) usage(`${tame(path)} exists already.`, 'Name a file that does not exist yet.');
  return overConnection(invocation, { mayRepeat: out !== '-', mayReadOnly: true }, async (connection, sending) => {
    sending();
    const parts = connection.exportList(order, invocation.signal);
    if (out === '-') {
      await pipeline(Readable.from(parts), process.stdout, { end: false });
      return EXIT.ok;
    }
    const bytes = await writeTo(path, parts);
    invocation.screen.err(`Wrote ${order.list} to ${tame(path)}, ${bytes} bytes.\n`);
    return EXIT.ok;
  });
}

export const exportFile: OwnCommand = {
  name: 'export',
  usage:
    'tollkeeper export LIST --out FILE [--format csv|parquet] [--customer C] [--subject S] [--meter M] [--account A] ' +
    '[--state S] [--reason R] [--from TIME] [--to TIME] [--as-of TIME] [--known-at TIME]',
  doc: 'Write a list of the books to a new file, from one snapshot. `tollkeeper exports lists` names the lists.',
  flags: ['out', 'format', 'from', 'to', ...TIME_FLAGS, ...FILTERS],
  run,
};
