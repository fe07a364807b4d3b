/**
 * `npm run bench -- [--only NAME,NAME] [--json FILE] [--small|--large|--size N]`: measures, prints rows and writes
 * docs/benchmarks.md. Nothing here is an assertion.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { ROWS } from './rows.ts';
import type { Row } from './rows.ts';

const DOCUMENT = 'docs/benchmarks.md';
const BEGIN = '<!-- rows -->';
const END = '<!-- end of rows -->';

const figure = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-GB').replaceAll(',', ' ') : value.toPrecision(3);

const metText = ({ met }: Row): string => (met === null ? '–' : met ? 'yes' : '**no**');

function table(rows: readonly Row[]): string {
  const head = '| what | unit | ours | baseline | ratio | goal | met |\n| --- | --- | ---: | ---: | ---: | --- | --- |';
  const lines = rows.map(
    (row) =>
      `| ${row.name}${row.note === '' ? '' : ` (${row.note})`} | ${row.unit} | ${figure(row.ours)} ` +
      `| ${figure(row.baseline)} | ${row.ratio.toFixed(2)} | ${row.goal} | ${metText(row)} |`,
  );
  return [head, ...lines].join('\n');
}

/** Puts the rows between their marks; the words around them are people's. */
function writeDocument(rows: readonly Row[]): void {
  const text = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : `# Benchmarks\n\n${BEGIN}\n${END}\n`;
  const [before, rest = ''] = text.split(BEGIN);
  const after = rest.split(END)[1] ?? '\n';
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`;
  const when = `Measured on ${new Date().toISOString().slice(0, 10)}, ${machine}, Node ${process.version}.`;
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n${when}\n\n${table(rows)}\n${END}${after}`);
}

const OPTIONS = {
  only: { type: 'string' },
  json: { type: 'string' },
  small: { type: 'boolean' },
  large: { type: 'boolean' },
  size: { type: 'string' },
} as const;

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS });
  const names = values.only?.split(',') ?? Object.keys(ROWS);
  const usual = values.small ? [1e5] : [1e5, 1e6, ...(values.large ? [1e7] : [])];
  const sizes = values.size === undefined ? usual : [Number.parseInt(values.size, 10)];
  mkdirSync('.cache', { recursive: true });
  const rows: Row[] = [];
  for (const name of names) {
    const measure = ROWS[name];
    if (!measure) {
      process.stderr.write(`There is no benchmark "${name}"; there are ${Object.keys(ROWS).join(', ')}.\n`);
      process.exitCode = 64;
      return;
    }
    process.stderr.write(`${name} …\n`);
    rows.push(...(await measure({ sizes })));
  }
  process.stdout.write(`${table(rows)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (values.only === undefined) writeDocument(rows);
}

if (import.meta.main) await main(process.argv.slice(2));
