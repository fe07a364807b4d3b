/** Takes a command line apart: words, flags in the order they came, and the flags that every command knows. */
import { usage } from './failure.ts';

/** `value` is absent where the flag stands alone, as `--all`. */
export type Flag = Readonly<{ name: string; value?: string }>;
export type CommandLine = Readonly<{ words: readonly string[]; flags: readonly Flag[] }>;

/** Flags that never take the next word as their value. */
export const ALONE: ReadonlySet<string> = new Set(['all', 'help', 'version', 'real-rollup', 'yes']);
const TRUTHS: ReadonlySet<string> = new Set(['true', 'false']);

/**
 * Words after `--` are never flags; `-h` is the only short one. A flag that `isTruth` takes the next word only where it
 * says true or false, and one that begins with `no-` never does.
 */
export function parseCommandLine(args: readonly string[], isTruth: (name: string) => boolean): CommandLine {
  const words: string[] = [];
  const flags: Flag[] = [];
  const takesNext = (name: string, next: string | undefined): next is string =>
    next !== undefined &&
    !isFlag(next) &&
    !ALONE.has(name) &&
    !name.startsWith('no-') &&
    (!isTruth(name) || TRUTHS.has(next));
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      words.push(...args.slice(at + 1));
      break;
    }
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
    const next = args[at + 1];
    if (arg === '-h') flags.push({ name: 'help' });
    else if (!isFlag(arg)) words.push(arg);
    else if (equals >= 0) flags.push({ name, value: arg.slice(equals + 1) });
    else if (!takesNext(name, next)) flags.push({ name });
    else {
      flags.push({ name, value: next });
      at += 1;
    }
  }
  return { words, flags };
}

/** An amount below zero is a value; two dashes are not. */
const isFlag = (arg: string): boolean => arg.startsWith('--');

/** The flags that every command takes. */
export const SHARED_FLAGS = [
  {
    name: 'workspace',
    text: '--workspace FILE      the books to use; else TOLLKEEPER_WORKSPACE, else the sample workspace',
  },
  {
    name: 'operator',
    text: '--operator NAME       sign in as this operator; the passphrase is TOLLKEEPER_PASSPHRASE or asked for',
  },
  { name: 'output', text: '--output table|json   tables for people (on a terminal), JSON for programs (elsewhere)' },
  { name: 'help', text: '--help                what a command does and takes' },
] as const;

export type Shared = Readonly<{
  workspace: string | undefined;
  operator: string | undefined;
  output: 'table' | 'json' | undefined;
  isHelp: boolean;
}>;

function last(flags: readonly Flag[], name: string): string | undefined {
  const found = flags.findLast((flag) => flag.name === name);
  if (found && (found.value === undefined || found.value === '')) {
    usage(`--${name} needs a value.`, `Write it as --${name} VALUE.`);
  }
  return found?.value;
}

/** Reads the shared flags and gives the rest. */
export function takeShared(flags: readonly Flag[]): { shared: Shared; rest: readonly Flag[] } {
  const output = last(flags, 'output');
  if (output !== undefined && output !== 'table' && output !== 'json') {
    usage(`There is no output "${output}".`, 'Choose table or json.');
  }
  const shared: Shared = {
    workspace: last(flags, 'workspace'),
    operator: last(flags, 'operator'),
    output,
    isHelp: flags.some(({ name }) => name === 'help'),
  };
  return { shared, rest: flags.filter(({ name }) => !SHARED_FLAGS.some((one) => one.name === name)) };
}
