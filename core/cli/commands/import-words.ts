/** What a look at another system's file found, and what an import of it leaves out, as lines to read. */
import type { SystemPreview, SystemStep } from '#core/contract/imports.ts';
import { tame } from '../output.ts';

/** Records told of one by one. */
const SHOWN = 5;
/** A name is cut here: one line a record. */
const MOST_NAME = 60;

export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');

/** What nothing here stands for, with its reason; no text where nothing is left out. */
export function leftText(leftOut: SystemStep['leftOut']): string {
  const lines = leftOut.map(({ what, why, count }) => `  ${tame(what)} of ${grouped(count)} records: ${tame(why)}\n`);
  return lines.length > 0 ? ['Left out, because nothing here stands for it:\n', ...lines].join('') : '';
}

function recordText({ row, makes, problem }: SystemPreview['records'][number]): string {
  if (problem !== null) return `  row ${row}: ${tame(problem.detail)} ${tame(problem.fix)}\n`;
  const things = makes.map(({ kind, name }) => `${kind} ${tame(name.slice(0, MOST_NAME))}`);
  return `  row ${row}: ${things.length > 0 ? things.join(', ') : 'nothing'}\n`;
}

export function lookText({ looked, isWhole, makes, refused, leftOut, records }: SystemPreview): string {
  const kinds = makes.map(({ kind, count }) => `  ${`${kind}s`.padEnd(10)}  ${grouped(count)}\n`);
  return [
    isWhole ? `Looked at all ${grouped(looked)} records` : `Looked at the first ${grouped(looked)} records`,
    '; nothing was tried or booked.\n',
    ...(kinds.length > 0 ? ['They become:\n', ...kinds] : []),
    refused > 0 ? `${grouped(refused)} cannot be read as records of this system.\n` : '',
    ...records.slice(0, SHOWN).map(recordText),
    leftText(leftOut),
    'Run it again without --preview to try it.\n',
  ].join('');
}
