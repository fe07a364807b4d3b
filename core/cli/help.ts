/** Help: every command with its doc line, and of one command every flag. */
import { SHARED_FLAGS } from './arguments.ts';
import type { ContractCommand, Field } from './catalog.ts';
import type { OwnCommand } from './context.ts';
import { describe, isAmount } from './fields.ts';

const EXIT_CODES = `Exit codes
  0   done
  1   refused, or the books do not prove
  2   could not be done: no such file, damaged, locked, holder gone, disk full
  64  the command was not understood
`;

const sharedText = (): string => `Flags of every command\n${SHARED_FLAGS.map(({ text }) => `  ${text}\n`).join('')}`;

const pad = (text: string, width: number): string => text.padEnd(width);

/** `tollkeeper help`: everything there is. */
export function helpText(own: readonly OwnCommand[], commands: readonly ContractCommand[]): string {
  const ownLines = own.map(({ usage, doc }) => `  ${usage}\n      ${doc}\n`).join('');
  const width = Math.max(...commands.map(({ noun, verb }) => noun.length + verb.length + 1)) + 2;
  const lines = commands.map(({ noun, verb, meta }) => `  ${pad(`${noun} ${verb}`, width)}${meta.doc}\n`).join('');
  return `tollkeeper <command>\n\nThe workspace as a file\n${ownLines}
What can be asked of it: tollkeeper <noun> <verb> [--field value …] [--json '{…}'] [--key K] [--all]
${lines}
${sharedText()}
${EXIT_CODES}`;
}

/** `tollkeeper <noun>`: its verbs. */
export function nounText(noun: string, commands: readonly ContractCommand[]): string {
  const own = commands.filter((command) => command.noun === noun);
  const width = Math.max(...own.map(({ verb }) => verb.length)) + 2;
  return `tollkeeper ${noun} <verb>\n\n${own.map(({ verb, meta }) => `  ${pad(verb, width)}${meta.doc}\n`).join('')}`;
}

function fieldText(field: Field, width: number): string {
  const { isRequired, isNullable, schema } = field;
  const fallback = schema.default === undefined ? '' : `; ${JSON.stringify(schema.default)} unless said`;
  const nothing = isNullable ? `; --no-${field.flag} for none` : '';
  const exact = isAmount(field) ? `; or --${field.flag.replace(/-minor$/, '')} 12.50 with --asset` : '';
  const optional = isRequired ? '' : ' (optional)';
  return `  ${pad(`--${field.flag}`, width)}${describe(field)}${optional}${fallback}${nothing}${exact}\n`;
}

const REPEATED: Readonly<Record<string, string>> = {
  read: 'Changes nothing.',
  'by nature': 'Running it again changes nothing more.',
  'by key': 'With the same --key it is carried out once and answered alike for ever.',
  no: 'Running it again does it again.',
};

/** `tollkeeper <noun> <verb> --help`. */
export function commandText(command: ContractCommand): string {
  const { noun, verb, meta, fields, isPaged } = command;
  const width = Math.max(...fields.map(({ flag }) => flag.length), 6) + 4;
  const more = isPaged ? `  ${pad('--all', width)}every page, not only the first\n` : '';
  const json = `  ${pad('--json', width)}fields as one JSON object; - reads it from standard input\n`;
  const flags = `${fields.map((field) => fieldText(field, width)).join('')}${more}${json}`;
  const about = `${meta.doc}\n${REPEATED[meta.idempotent]} Needs: ${meta.permission}.`;
  return `tollkeeper ${noun} ${verb}\n\n${about}\n\n${flags}\n${sharedText()}`;
}

/** `tollkeeper <own command> --help`. */
export function ownText({ usage, doc }: OwnCommand): string {
  return `${usage}\n\n${doc}\n\n${sharedText()}`;
}
