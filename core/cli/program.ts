/** What `tollkeeper …` does: finds the command, runs it, tells failures, and gives the exit code. */
import { parseCommandLine, takeShared } from './arguments.ts';
import type { CommandLine, Shared } from './arguments.ts';
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

/** Where a command line comes from and where its answer goes. */
export type Terminal = Readonly<{
  screen: Screen;
  /** Whether a person looks at it: the answer is a table unless said otherwise. */
  isTty: boolean;
  signal: AbortSignal;
}>;

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

type Commands = readonly ContractCommand[];

function find(commands: Commands, noun: string | undefined, verb: string | undefined): ContractCommand | undefined {
  return commands.find((one) => one.noun === noun && isVerb(one, verb));
}

/** Which flags stand for true or false follows from the command, wherever its words are among the flags. */
function parse(args: readonly string[], commands: Commands): { line: CommandLine; shared: Shared } {
  const named = args.map((word, at) => find(commands, word, args[at + 1])).find((one) => one !== undefined);
  const truths = named?.fields.filter(({ schema }) => schema.type === 'boolean') ?? [];
  const switches = OWN_COMMANDS.find(({ name }) => args.includes(name))?.switches ?? [];
  const isTruth = (name: string) =>
    switches.includes(name) || truths.some((field) => field.flag === name || field.name === name);
  const line = parseCommandLine(args, isTruth);
  const { shared, rest } = takeShared(line.flags);
  return { line: { words: line.words, flags: rest }, shared };
}

function helpOn(words: readonly string[], commands: Commands): string {
  const [noun, verb] = words;
  const own = OWN_COMMANDS.find(({ name }) => name === noun);
  if (own) return ownText(own);
  if (noun === undefined) return helpText(OWN_COMMANDS, commands);
  if (!commands.some((command) => command.noun === noun)) unknownCommand(noun, commands);
  const command = find(commands, noun, verb);
  return command ? commandText(command) : nounText(noun, commands);
}

async function dispatch(given: Omit<Invocation, 'words'> & CommandLine, commands: Commands): Promise<ExitCode> {
  const { words, flags, shared, screen } = given;
  const [word, verb, ...rest] = words;
  if (word === undefined && flags.some(({ name }) => name === 'version')) {
    const { version } = await import('#core/runtime/version.ts');
    screen.out(`${version}\n`);
  } else if (word === 'help') screen.out(helpOn(words.slice(1), commands));
  else if (shared.isHelp) screen.out(helpOn(words, commands));
  else if (word === undefined) {
    screen.err(helpText(OWN_COMMANDS, commands));
    return EXIT.usage;
  } else {
    const own = OWN_COMMANDS.find(({ name }) => name === word);
    if (own) return own.run({ ...given, words: words.slice(1) });
    if (!commands.some(({ noun }) => noun === word)) unknownCommand(word, commands);
    if (verb !== undefined) {
      const command = find(commands, word, verb) ?? unknownVerb(word, verb, commands);
      return runContractCommand(command, { ...given, words: rest });
    }
    screen.out(nounText(word, commands));
  }
  return EXIT.ok;
}

/** Runs a command line and tells what failed. Rejects with Interrupted when a person stopped it. */
export async function runProgram(args: readonly string[], { screen, isTty, signal }: Terminal): Promise<ExitCode> {
  let format: Format = isTty ? 'table' : 'json';
  try {
    const commands = contractCommands();
    const { line, shared } = parse(args, commands);
    format = shared.output ?? format;
    return await dispatch({ ...line, shared, format, screen, signal }, commands);
  } catch (error) {
    if (error instanceof Interrupted || signal.aborted) throw new Interrupted();
    const failure = failureOf(error);
    tellFailure(failure, format, screen);
    if (process.env['TOLLKEEPER_DEBUG'] && error instanceof Error) screen.err(`${error.stack}\n`);
    return failure.exit;
  }
}
