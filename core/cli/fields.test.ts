import { expect, test } from 'vitest';
import { parseCommandLine } from './arguments.ts';
import { contractCommands } from './catalog.ts';
import { readInput } from './fields.ts';
import { nearest } from './nearest.ts';

const COMMANDS = contractCommands();

/** The input that a line of words and flags gives a command. */
function input(noun: string, verb: string, ...args: string[]): unknown {
  const command = COMMANDS.find((one) => one.noun === noun && one.verb === verb);
  if (!command) throw new TypeError(`${noun} ${verb} is no command`);
  const truths = command.fields.filter(({ schema }) => schema.type === 'boolean').map(({ flag }) => flag);
  const { words, flags } = parseCommandLine(args, (name) => truths.includes(name));
  return readInput(command, { words, flags, json: {} });
}

test('flags are written with dashes or as in the contract, with a space or an equals sign', () => {
  expect(input('customers', 'create', '--name', 'A', '--anchor-day=3')).toEqual({ name: 'A', anchorDay: 3 });
  expect(input('customers', 'create', '--anchorDay', '3')).toEqual({ anchorDay: 3 });
});

test('one word is the first thing a command cannot do without', () => {
  expect(input('invoices', 'finalize', 'inv_00000001')).toEqual({ invoice: 'inv_00000001' });
  expect(input('credits', 'list', 'acme', '--limit', '5')).toEqual({ customer: 'acme', limit: 5 });
});

test('a truth stands alone, is denied, or is told', () => {
  expect(input('invoices', 'close', '--finalize', '--no-early')).toEqual({ finalize: true, early: false });
  expect(input('invoices', 'close', '--finalize', 'false')).toEqual({ finalize: false });
});

test('instants and lengths of time are read as people write them', () => {
  const grant = ['--customer', 'a', '--asset', 'USDC/6'];
  expect(input('credits', 'grant', ...grant, '--expires-at-ms', '2026-07-01T02:00:00+02:00')).toMatchObject({
    expiresAtMs: Date.UTC(2026, 6, 1),
  });
  expect(input('credits', 'grant', ...grant, '--expires-at-ms', '2026-07-01')).toMatchObject({
    expiresAtMs: Date.UTC(2026, 6, 1),
  });
  expect(() => input('credits', 'grant', ...grant, '--expires-at-ms', '2026-02-30')).toThrow('does not take');
  // A time without a zone is in UTC, whatever this machine's zone is.
  expect(input('customers', 'get', 'a', '--as-of', '2026-07-01T12:30', '--known-at', '2026-07-02')).toEqual({
    customer: 'a',
    asOfMs: Date.UTC(2026, 6, 1, 12, 30),
    knownAtMs: Date.UTC(2026, 6, 2),
  });
  expect(input('holds', 'open', '--ttl-ms', '15m')).toEqual({ ttlMs: 900_000 });
  expect(() => input('holds', 'open', '--ttl-ms', '2026-07-01')).toThrow('does not take');
});

test('an amount with its asset becomes minor units, digit by digit, and never loses one', () => {
  const overdraft = (amount: string) =>
    input('customers', 'setOverdraft', 'a', '--asset', 'USDC/6', '--amount', amount);
  expect(overdraft('9007199254.740993')).toMatchObject({ amountMinor: '9007199254740993' });
  expect(() => overdraft('0.0000001')).toThrow('AMOUNT_INVALID');
  expect(() => input('customers', 'setOverdraft', 'a', '--amount', '1')).toThrow('needs an asset');
});

test('lists are given again or as JSON, and objects as JSON', () => {
  expect(input('keys', 'create', '--scopes', 'usage:write', '--scopes', 'usage:read')).toEqual({
    scopes: ['usage:write', 'usage:read'],
  });
  expect(input('keys', 'create', '--scopes', '["usage:write"]')).toEqual({ scopes: ['usage:write'] });
  expect(() => input('keys', 'create', '--scopes', 'books:burn')).toThrow('does not take');
  expect(input('meters', 'create', '--dimensions', '{"a":"$.a"}')).toEqual({ dimensions: { a: '$.a' } });
  expect(() => input('meters', 'create', '--dimensions', 'a')).toThrow('does not take');
});

test('a flag that begins with no- says none', () => {
  expect(input('customers', 'create', '--no-plan', '--name', 'A')).toEqual({ plan: null, name: 'A' });
  expect(() => input('customers', 'create', '--no-name')).toThrow('makes no sense');
});

test('the nearest word is the one that was meant', () => {
  expect(nearest('limt', ['search', 'limit', 'cursor'])).toBe('limit');
  expect(nearest('cust', ['credits', 'customers', 'gate'])).toBe('customers');
  expect(nearest('x', [])).toBeUndefined();
});
