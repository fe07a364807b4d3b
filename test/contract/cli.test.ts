import { copyFileSync, existsSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contractCommands } from '#core/cli/catalog.ts';
import { attachFileOf } from '#core/serve/attach-file.ts';
import { here, holder, startCli, tollkeeper } from '../support/cli.ts';
import { ADMIN, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const template = join(folder, 'template.tollkeeper');
let count = 0;

beforeAll(() => makeWorkspace(template, { operators: [{ name: 'vic', role: 'viewer' }] }));
afterAll(dispose);

/** A workspace of this test alone. */
function workspace(): string {
  const file = join(folder, `${(count += 1)}.tollkeeper`);
  copyFileSync(template, file);
  return file;
}

const as = (file: string, operator: string = ADMIN.name): string[] => ['--workspace', file, '--operator', operator];

test('help lists each command of the contract, and each has help of its own', async () => {
  const { code, out } = await here(['help']);
  expect(code).toBe(0);
  const missing = contractCommands().filter(({ noun, verb, meta }) => {
    const line = out.split('\n').find((each) => each.startsWith(`  ${noun} ${verb} `));
    return !line?.includes(meta.doc);
  });
  expect(missing).toEqual([]);
  const own = await here(['credits', 'grant', '--help']);
  expect(own.out).toContain('--expires-at-ms');
  expect((await here(['credits'])).out).toContain('grant');
  expect((await here([])).code).toBe(64);
});

test('with nobody holding the workspace the command opens it itself, and leaves nothing behind', async () => {
  const file = workspace();
  const { code, json } = await tollkeeper([
    'customers',
    'create',
    '--name',
    'Acme',
    '--external-id',
    'acme',
    ...as(file),
  ]);
  expect(code).toBe(0);
  expect(json).toMatchObject({ name: 'Acme', externalId: 'acme' });
  const info = await tollkeeper(['info', '--workspace', file]);
  expect(info.json).toMatchObject({ askedBy: 'in-process' });
  expect(existsSync(attachFileOf(file))).toBe(false);
});

test('while another process holds the workspace the command asks it', async () => {
  const file = workspace();
  const { stop } = await holder(file);
  const made = await here(['customers', 'create', '--name', 'Acme', '--external-id', 'acme', ...as(file)]);
  expect(made.code).toBe(0);
  const info = await here(['info', '--workspace', file]);
  expect(info.json).toMatchObject({ askedBy: 'attached' });
  const { json } = await here(['customers', 'get', 'acme', '--workspace', file]);
  expect(json).toEqual(made.json);
  await stop();
  expect(existsSync(attachFileOf(file))).toBe(false);
});

test('what a killed holder left is passed by', async () => {
  const file = workspace();
  const { kill } = await holder(file);
  await kill();
  expect(existsSync(attachFileOf(file))).toBe(true);
  const { code, json } = await here(['info', '--workspace', file]);
  expect(code).toBe(0);
  expect(json).toMatchObject({ askedBy: 'in-process' });
});

test('many commands at once on one workspace are all carried out', async () => {
  const file = workspace();
  const names = ['a', 'b', 'c', 'd'];
  const ran = await Promise.all(
    names.map((name) => tollkeeper(['customers', 'create', '--name', name, '--external-id', name, ...as(file)])),
  );
  expect(ran.map(({ code, err }) => (code === 0 ? '' : err))).toEqual(names.map(() => ''));
  const { json } = await tollkeeper(['customers', 'list', '--workspace', file]);
  expect((json as { items: unknown[] }).items).toHaveLength(4);
});

test('a holder that is killed under a stream is named', async () => {
  const file = workspace();
  const { kill } = await holder(file);
  const child = startCli(['workspace', 'changes', '--after', '0', '--workspace', file]);
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await once(child.stdout ?? child, 'data');
  await kill();
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(2);
  expect(JSON.parse(err)).toMatchObject({ code: 'HOLDER_LOST' });
});

test('a link to the console comes from its holder', async () => {
  const file = workspace();
  const { stop } = await holder(file);
  const opened = await here(['open', '--workspace', file], { env: { BROWSER: 'true' } });
  expect(opened).toMatchObject({ code: 0, out: 'http://127.0.0.1:1/link\n' });
  await stop();
  expect((await here(['open', '--workspace', file])).code).toBe(2);
  expect((await here(['open', 'javascript:alert(1)'])).code).toBe(64);
});

test('writing needs an operator with the permission and the right passphrase', async () => {
  const file = workspace();
  const create = ['customers', 'create', '--name', 'Acme'];
  const unnamed = await here([...create, '--workspace', file]);
  expect(unnamed.code).toBe(64);
  expect(unnamed.err).toContain('ada');
  const viewer = await here([...create, ...as(file, 'vic')]);
  expect(viewer.code).toBe(1);
  expect(JSON.parse(viewer.err)).toMatchObject({ code: 'FORBIDDEN', status: 403, permission: 'customers:write' });
  const wrong = await here([...create, ...as(file)], { env: { TOLLKEEPER_PASSPHRASE: 'wrong' } });
  expect(JSON.parse(wrong.err)).toMatchObject({ code: 'UNAUTHENTICATED' });
  const silent = await here([...create, ...as(file)], { env: { TOLLKEEPER_PASSPHRASE: '' } });
  expect(silent.code).toBe(64);
});

test('the sample workspace needs no name and passphrase', async () => {
  const file = join(folder, 'sample.tollkeeper');
  await here(['init', file, '--operator', 'sample'], { env: { TOLLKEEPER_PASSPHRASE: 'sample workspace' } });
  const database = new Database(file);
  database.exec(`UPDATE record SET body = json_set(body, '$.sample', json('true')) WHERE kind = 'settings'`);
  database.close();
  const env = { TOLLKEEPER_PASSPHRASE: '' };
  const { code } = await here(['customers', 'create', '--name', 'Acme', '--workspace', file], { env });
  expect(code).toBe(0);
});

test('a key makes a grant once, however often it is sent', async () => {
  const file = workspace();
  await here(['customers', 'create', '--name', 'Acme', '--external-id', 'acme', ...as(file)]);
  const grant = [
    'credits',
    'grant',
    '--customer',
    'acme',
    '--asset',
    'USDC/6',
    '--source',
    'prepaid',
    '--key',
    'k1',
    ...as(file),
  ];
  const first = await here([...grant, '--amount', '12.5']);
  const again = await here([...grant, '--amount-minor', '12500000']);
  expect(again.out).toBe(first.out);
  const other = await here([...grant, '--amount', '13']);
  expect(JSON.parse(other.err)).toMatchObject({ code: 'KEY_REUSED' });
  expect(other.code).toBe(1);
  const told = await here(['customers', 'balances', 'acme', '--workspace', file, '--output', 'table']);
  expect(told.out).toContain('12.500000 USDC');
});

test('an amount beyond 64 bits comes back digit by digit, in the table too', async () => {
  const file = workspace();
  await here(['customers', 'create', '--name', 'Acme', '--external-id', 'acme', ...as(file)]);
  const amount = '123456789012345678901.000000000000000001';
  const grant = [
    'credits',
    'grant',
    '--customer',
    'acme',
    '--asset',
    '0G/18',
    '--source',
    'prepaid',
    '--amount',
    amount,
  ];
  const { json } = await here([...grant, ...as(file)]);
  expect(json).toMatchObject({ grantedMinor: amount.replace('.', '') });
  const { out } = await here(['credits', 'list', 'acme', '--workspace', file, '--output', 'table']);
  expect(out).toContain(`${amount} 0G`);
});

test('--all follows the pages, and more rows are announced without it', async () => {
  const file = workspace();
  const { stop } = await holder(file);
  for (const name of ['a', 'b', 'c']) await here(['customers', 'create', '--name', name, ...as(file)]);
  const list = ['customers', 'list', '--limit', '2', '--workspace', file];
  expect(((await here(list)).json as { items: unknown[] }).items).toHaveLength(2);
  const all = (await here([...list, '--all'])).json as { items: unknown[]; nextCursor: null };
  expect(all.items).toHaveLength(3);
  expect((await here([...list, '--output', 'table'])).err).toContain('--all');
  expect((await here(['plans', 'list', '--all', '--workspace', file])).code).toBe(64);
  await stop();
});

test('the process exits by the same codes, and tells nothing but the answer on standard output', async () => {
  const ran = await Promise.all(
    [['help'], [], ['custmers'], ['info', '--workspace', join(folder, 'none')]].map((args) => tollkeeper(args)),
  );
  expect(ran.map(({ code }) => code)).toEqual([0, 64, 64, 2]);
  expect(ran.map(({ out }) => out === '')).toEqual([false, true, true, true]);
});

test.each([
  [['customers', 'list', '--limt', '4'], '--limit'],
  [['customers', 'lst'], 'list'],
  [['custmers'], 'customers'],
  [['verify', '--wrkspace', 'x'], '--workspace'],
  [['customers', 'list', '--limit', 'four'], 'number'],
  [['customers', 'create', '--json', '[1]'], 'JSON'],
  [['credits', 'grant', '--customer', 'a'], '--asset'],
  [['customers', 'get', 'a', 'b'], 'word'],
  [['invoices', 'list', '--state', 'lost'], 'draft'],
  [['plans', 'list', '--output', 'xml'], 'json'],
])('%j is not understood, and the answer names what was meant', async (args, meant) => {
  const { code, err, out } = await here(args, { env: { TOLLKEEPER_WORKSPACE: join(folder, 'none') } });
  expect(code).toBe(64);
  expect(out).toBe('');
  expect(err).toContain(meant);
  expect(err).not.toContain('    at ');
});

test('fields come from flags, JSON and standard input, and flags count for more', async () => {
  const file = workspace();
  const input = JSON.stringify({ name: 'From input', externalId: 'acme', anchorDay: 5 });
  const args = [
    'customers',
    'create',
    '--json',
    '-',
    '--anchor-day',
    '9',
    '--subjects',
    'x',
    '--subjects',
    'y',
    '--no-plan',
  ];
  const { json } = await tollkeeper([...args, ...as(file)], { input });
  expect(json).toMatchObject({ name: 'From input', anchorDay: 9, subjects: ['x', 'y'], plan: null });
});

test('what a customer sent cannot steer the terminal', async () => {
  const file = workspace();
  const subject = 'evil\u001b[2Jsubject\u009b2J';
  const json = JSON.stringify({ name: 'Acme', subjects: [subject] });
  expect((await here(['customers', 'create', '--json', json, ...as(file)])).out).not.toContain('\u009b');
  const { out } = await here(['customers', 'list', '--workspace', file, '--output', 'table']);
  expect(out).not.toContain('\u001b');
  expect(out).toContain('evil\\u001b[2Jsubject');
});

test('serve is a holder for everyone else, until a signal ends it cleanly', async () => {
  const file = workspace();
  const child = startCli(['serve', '--workspace', file, '--gateway', '127.0.0.1:0']);
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const ready = JSON.parse(line.toString()) as { gatewayUrl: string; consoleUrl: string };
  expect(ready).toMatchObject({ host: 'none', workspace: file, sample: false, sampleKey: null });
  expect((await fetch(`${ready.gatewayUrl}/healthz`)).status).toBe(200);
  expect((await here(['info', '--workspace', file])).json).toMatchObject({
    askedBy: 'attached',
    gatewayUrl: ready.gatewayUrl,
  });
  const { out } = await here(['open', '--workspace', file], { env: { BROWSER: 'true' } });
  expect(new URL(out).origin).toBe(new URL(ready.consoleUrl).origin);
  expect(out).not.toBe(`${ready.consoleUrl}\n`);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  expect(existsSync(attachFileOf(file))).toBe(false);
});
