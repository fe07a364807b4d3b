/** Runs a command of the contract: connects, signs in where needed, asks, follows pages and streams, prints. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { newId } from '#core/domain/id.ts';
import type { ContractCommand } from './catalog.ts';
import { connect } from './connection.ts';
import type { Connection } from './connection.ts';
import { workspaceOf } from './context.ts';
import type { Invocation } from './context.ts';
import { EXIT, HolderLost, usage } from './failure.ts';
import type { ExitCode } from './failure.ts';
import { readInput } from './fields.ts';
import { answerText, rowsText, toJson } from './output.ts';
import { askSecret } from './passphrase.ts';
import { isOpenToAll, signIn } from './session.ts';

type Input = Record<string, unknown>;
type Ask = (input: Input, options: { signal: AbortSignal }) => Promise<unknown>;
type Page = { items: unknown[]; nextCursor: string | null };

/** A holder that ends is followed by another way in this many times. */
const WAYS_IN = 3;
/** The largest page, when every page is asked for anyway. */
const PAGE_MOST = 500;

function readJsonFlag(invocation: Invocation): Input {
  const text = invocation.flags.findLast(({ name }) => name === 'json')?.value;
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text === '-' ? readFileSync(0, 'utf8') : text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input;
  } catch {
    // Told below, as for JSON that is no object.
  }
  return usage(
    '--json does not hold a JSON object.',
    'Write it as --json \'{"field": "value"}\', or --json - to read it.',
  );
}

/** Reads the input; a command that is repeated by key gets one, which is told so that the same can be sent again. */
async function inputOf(command: ContractCommand, invocation: Invocation): Promise<Input> {
  const flags = invocation.flags.filter(({ name }) => name !== 'json' && name !== 'all');
  const input = readInput(command, { words: invocation.words, flags, json: readJsonFlag(invocation) });
  if (command.meta.idempotent === 'by key' && input['key'] === undefined) {
    const key = newId('cli', Date.now(), randomBytes(10));
    input['key'] = key;
    invocation.screen.err(`Sent with --key ${key}: the same command with it is carried out once.\n`);
  }
  for (const { name } of command.fields.filter((field) => field.isRequired && input[field.name] === undefined)) {
    const secret = await askSecret(name);
    if (secret !== undefined) input[name] = secret;
  }
  const missing = command.fields.filter(({ name, isRequired }) => isRequired && input[name] === undefined);
  if (missing.length > 0) {
    const flagsMissing = missing.map(({ flag }) => `--${flag}`).join(', ');
    usage(
      `${command.noun} ${command.verb} needs ${flagsMissing}.`,
      `See tollkeeper ${command.noun} ${command.verb} --help.`,
    );
  }
  return input;
}

function askOf(connection: Connection, command: ContractCommand): Ask {
  // Which command it is turns out at run time, so its types are not known here.
  const nouns = connection.client as unknown as Readonly<Record<string, Readonly<Record<string, Ask>>>>;
  return nouns[command.noun]?.[command.verb] ?? usage('There is no such command.', 'See tollkeeper help.');
}

async function printStream(answer: unknown, invocation: Invocation): Promise<ExitCode> {
  let isProven = true;
  for await (const value of answer as AsyncIterable<unknown>) {
    const { format, screen } = invocation;
    screen.out(
      format === 'json'
        ? `${toJson(value)}\n`
        : rowsText([value], { ...screen, width: Infinity }).split('\n')[1] + '\n',
    );
    if ((value as { ok?: unknown }).ok === false) isProven = false;
  }
  return isProven ? EXIT.ok : EXIT.refused;
}

/** Prints each page as it comes, so that any number of rows fits. */
async function printAll(ask: Ask, input: Input, invocation: Invocation): Promise<void> {
  const { format, screen, signal } = invocation;
  let cursor: string | null | undefined;
  let isFirst = true;
  if (format === 'json') screen.out('{"items":[');
  do {
    const page = (await ask({ limit: PAGE_MOST, ...input, ...(cursor ? { cursor } : {}) }, { signal })) as Page;
    if (format === 'json') {
      for (const item of page.items) {
        screen.out(`${isFirst ? '\n' : ',\n'}${toJson(item)}`);
        isFirst = false;
      }
    } else if (page.items.length > 0 || isFirst) {
      screen.out(rowsText(page.items, screen));
      isFirst = false;
    }
    cursor = page.nextCursor;
  } while (cursor);
  if (format === 'json') screen.out('\n],"nextCursor":null}\n');
}

export function printAnswer(answer: unknown, { format, screen }: Invocation): void {
  if (format === 'json') return screen.out(`${toJson(answer, 2)}\n`);
  screen.out(answerText(answer, screen));
  const { nextCursor } = (answer ?? {}) as Partial<Page>;
  if (nextCursor) screen.err(`There is more: --all, or --cursor ${nextCursor}\n`);
  return undefined;
}

async function answerOver(
  connection: Connection,
  command: ContractCommand,
  input: Input,
  invocation: Invocation,
  sending: Sending,
): Promise<ExitCode> {
  const { meta, noun, verb } = command;
  if (invocation.shared.operator !== undefined || !isOpenToAll(`${noun}.${verb}`, meta.permission)) {
    await signIn(connection, invocation.shared.operator);
  }
  const ask = askOf(connection, command);
  const isAll = invocation.flags.some(({ name }) => name === 'all');
  if (isAll && !command.isPaged) usage(`${noun} ${verb} answers at once.`, 'Leave --all out.');
  sending();
  if (isAll) await printAll(ask, input, invocation);
  else {
    const answer = await ask(input, { signal: invocation.signal });
    if (command.isStream) return await printStream(answer, invocation);
    printAnswer(answer, invocation);
  }
  return EXIT.ok;
}

/** Told just before the command itself is sent: until then nothing can have been done. */
export type Sending = () => void;

/** Does something over a connection. Where the holder ended meanwhile and doing it twice is safe, it is done again. */
export async function overConnection<T>(
  invocation: Invocation,
  options: Readonly<{ mayRepeat: boolean; mayReadOnly: boolean }>,
  work: (connection: Connection, sending: Sending) => Promise<T>,
): Promise<T> {
  for (let way = 1; ; way += 1) {
    const connection = await connect(workspaceOf(invocation), options);
    let isSent = false;
    try {
      return await work(connection, () => (isSent = true));
    } catch (error) {
      if (!connection.isLost() || invocation.signal.aborted) throw error;
      if ((isSent && !options.mayRepeat) || way === WAYS_IN) throw new HolderLost();
      if (isSent) invocation.screen.err('The Tollkeeper that held the workspace ended; asking again.\n');
    } finally {
      await connection.close();
    }
  }
}

export async function runContractCommand(command: ContractCommand, invocation: Invocation): Promise<ExitCode> {
  const input = await inputOf(command, invocation);
  const { idempotent, permission } = command.meta;
  const isRead = idempotent === 'read';
  // "By nature" may still answer otherwise the second time: only what is safe beyond doubt is sent twice unasked.
  const isWhole = !command.isStream && !invocation.flags.some(({ name }) => name === 'all');
  const mayRepeat = (isRead || idempotent === 'by key') && isWhole && permission !== 'anyone';
  return overConnection(invocation, { mayRepeat, mayReadOnly: isRead }, (connection, sending) =>
    answerOver(connection, command, input, invocation, sending),
  );
}
