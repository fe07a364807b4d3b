/** `tollkeeper <command>`: finds the command, runs it, and exits by the documented code. */
import { readFileSync } from 'node:fs';
import { parseCommandLine, takeShared } from './arguments.ts';
import type { Shared } from './arguments.ts';
import { contractCommands, kebab } from './catalog.ts';
import type { ContractCommand } from './catalog.ts';
import { OWN_COMMANDS } from './commands/index.ts';
import type { Invocation } from './context.ts';
import { EXIT, failureOf, usage } from './failure.ts';
import type { ExitCode } from './failure.ts';
import { commandText, helpText, nounText, ownText } from './help.ts';
import { nearest } from './nearest.ts';
import { tellFailure } from './output.ts';
import type { Format, Screen } from './output.ts';
import { Interrupted } from './passphrase.ts';
import { runContractCommand } from './run.ts';

/** As a shell reports a process that a signal ended. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const screen: Screen = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  width: process.stdout.columns || 120,
};

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const formatOf = (output: Shared['output']): Format => output ?? (process.stdout.isTTY ? 'table' : 'json');

/** Verbs are written as in the contract, or with dashes. */
const isVerb = ({ verb }: ContractCommand, word: string | undefined): boolean => word === verb || word === kebab(verb);

function unknownCommand(word: string, commands: readonly ContractCommand[]): never {
  const known = [...OWN_COMMANDS.map(({ name }) => name), ...new Set(commands.map(({ noun }) => noun)), 'help'];
  return usage(`There is no command "${word}".`, `Did you mean ${nearest(word, known)}? See tollkeeper help.`);
}

function unknownVerb(noun: string, verb: string, commands: readonly ContractCommand[]): never {
  const verbs = commands.filter((command) => command.noun === noun).map((command) => command.verb);
  return usage(`${noun} has no verb "${verb}".`, `Did you mean ${nearest(verb, verbs)}? It has ${verbs.join(', ')}.`);
}

async function dispatch(
  args: readonly string[],
  signal: AbortSignal,
  tellFormat: (format: Format) => void,
): Promise<ExitCode> {
  const commands = contractCommands();
  const named = commands.find((one) => args.some((arg, at) => arg === one.noun && isVerb(one, args[at + 1])));
  const truths = named?.fields.filter(({ schema }) => schema.type === 'boolean') ?? [];
  const line = parseCommandLine(args, (name) => truths.some((field) => field.flag === name || field.name === name));
  const { shared, rest } = takeShared(line.flags);
  const format = formatOf(shared.output);
  tellFormat(format);
  const [word, verb, ...words] = line.words;
  if (rest.some(({ name }) => name === 'version') && word === undefined) {
    screen.out(`${version()}\n`);
    return EXIT.ok;
  }
  if (word === undefined || word === 'help')
    return help(line.words.slice(1), commands, word !== undefined || shared.isHelp);
  const invocation: Invocation = { words: line.words.slice(1), flags: rest, shared, format, screen, signal };
  const own = OWN_COMMANDS.find(({ name }) => name === word);
  if (own) return shared.isHelp ? print(ownText(own)) : own.run(invocation);
  if (!commands.some(({ noun }) => noun === word)) unknownCommand(word, commands);
  if (verb === undefined) return print(nounText(word, commands));
  const command = commands.find((one) => one.noun === word && isVerb(one, verb)) ?? unknownVerb(word, verb, commands);
  return shared.isHelp ? print(commandText(command)) : runContractCommand(command, { ...invocation, words });
}

function print(text: string): ExitCode {
  screen.out(text);
  return EXIT.ok;
}

function help(words: readonly string[], commands: readonly ContractCommand[], isAsked: boolean): ExitCode {
  const [noun, verb] = words;
  const own = OWN_COMMANDS.find(({ name }) => name === noun);
  if (own) return print(ownText(own));
  if (noun === undefined) {
    print(helpText(OWN_COMMANDS, commands));
    return isAsked ? EXIT.ok : EXIT.usage;
  }
  if (!commands.some((command) => command.noun === noun)) unknownCommand(noun, commands);
  const command = commands.find((one) => one.noun === noun && isVerb(one, verb));
  return print(command ? commandText(command) : nounText(noun, commands));
}

/** Ends the process once what was written is out: a pipe may still hold some of it. */
async function exit(code: number): Promise<never> {
  const drained = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(code);
}

async function main(): Promise<never> {
  const abort = new AbortController();
  let signalled: number | undefined;
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) {
    process.on(signal, () => {
      signalled = code;
      abort.abort();
    });
  }
  // A reader that left early, as `head` does, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.cannot),
  );
  let format: Format = process.stdout.isTTY ? 'table' : 'json';
  try {
    const code = await dispatch(process.argv.slice(2), abort.signal, (asked) => (format = asked));
    return await exit(code);
  } catch (error) {
    if (error instanceof Interrupted) return exit(SIGNAL_EXIT.SIGINT);
    if (signalled !== undefined) return exit(signalled);
    const failure = failureOf(error);
    tellFailure(failure, format, screen);
    if (process.env['TOLLKEEPER_DEBUG'] && error instanceof Error) screen.err(`${error.stack}\n`);
    return exit(failure.exit);
  }
}

await main();
