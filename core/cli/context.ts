/** What every command of the line is given: its words and flags, where to write, and when to stop. */
import { resolve } from 'node:path';
import { defaultWorkspace } from '#core/runtime/paths.ts';
import { ALONE } from './arguments.ts';
import type { Flag, Shared } from './arguments.ts';
import { usage } from './failure.ts';
import type { ExitCode } from './failure.ts';
import { nearest } from './nearest.ts';
import type { Format, Screen } from './output.ts';

export type Invocation = Readonly<{
  words: readonly string[];
  flags: readonly Flag[];
  shared: Shared;
  format: Format;
  screen: Screen;
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
}>;

/** A command of the line itself, beside those of the contract. */
export type OwnCommand = Readonly<{
  name: string;
  /** Words and flags it takes, as in its help. */
  usage: string;
  doc: string;
  flags: readonly string[];
  /** Flags without a value. */
  switches?: readonly string[];
  run: (invocation: Invocation) => Promise<ExitCode>;
}>;

/** The workspace a command is about. */
export function workspaceOf({ shared }: Pick<Invocation, 'shared'>): string {
  return resolve(shared.workspace ?? (process.env['TOLLKEEPER_WORKSPACE'] || defaultWorkspace()));
}

/** The last value of a flag. */
export function flagOf({ flags }: Pick<Invocation, 'flags'>, name: string): string | undefined {
  return flags.findLast((flag) => flag.name === name)?.value;
}

/** Refuses what a command of the line does not take. */
export function checkUse(command: OwnCommand, { words, flags }: Invocation, most: number): void {
  const { switches = [] } = command;
  for (const flag of flags) {
    if (switches.includes(flag.name)) {
      if (flag.value !== undefined) usage(`--${flag.name} takes no value.`, command.usage);
      continue;
    }
    if (!command.flags.includes(flag.name)) {
      const meant = nearest(flag.name, [...command.flags, ...switches, 'workspace', 'operator', 'output']);
      usage(`${command.name} has no flag --${flag.name}.`, `Did you mean --${meant}? ${command.usage}`);
    }
    if (!ALONE.has(flag.name) && (flag.value === undefined || flag.value === '')) {
      usage(`--${flag.name} needs a value.`, command.usage);
    }
  }
  const extra = words[most];
  if (extra !== undefined) usage(`"${extra}" is one word too many.`, command.usage);
}

/** A word that a command cannot do without. */
export function wordOf(command: OwnCommand, { words }: Invocation, at: number): string {
  return words[at] ?? usage(`${command.name} needs more words.`, command.usage);
}
