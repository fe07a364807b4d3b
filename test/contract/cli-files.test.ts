import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { here, holder, tollkeeper } from '../support/cli.ts';
import { shimsMissing } from '../support/shims/compile.ts';
import { faultyDisk } from '../support/shims/faults.ts';
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

test('init makes a workspace that others cannot read, with the shipped plans, and never overwrites', async () => {
  const file = join(folder, 'new.tollkeeper');
  const args = ['init', file, '--name', 'Acme', '--issuer', 'Acme Ltd', '--operator', 'ada'];
  expect((await here(args)).json).toMatchObject({ workspace: file, operator: 'ada' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const plans = (await here(['plans', 'list', '--workspace', file])).json as { items: { key: string }[] };
  expect(plans.items.map(({ key }) => key)).toContain('growth');
  const before = readFileSync(file);
  expect((await here(args)).code).toBe(2);
  expect(Buffer.compare(readFileSync(file), before)).toBe(0);
  const short = join(folder, 'short.tollkeeper');
  const refused = await here(['init', short], { env: { TOLLKEEPER_PASSPHRASE: 'short' } });
  expect(refused.code).toBe(1);
  expect(existsSync(short)).toBe(false);
});

test('verify proves the books, also while they are held', async () => {
  const file = workspace();
  expect(await here(['verify', '--workspace', file])).toMatchObject({ code: 0, json: { ok: true } });
  const { stop } = await holder(file);
  expect(await here(['verify', '--workspace', file])).toMatchObject({ code: 0, json: { ok: true } });
  await stop();
});

test('rebuild makes hourly totals anew, and not while somebody holds the file', async () => {
  const file = workspace();
  const connection = new Database(file);
  connection.exec(`INSERT INTO rollup VALUES ('calls', 'acme', 0, 'main', 1, '1', NULL, NULL, NULL, NULL, 1, 1)`);
  connection.close();
  expect(await here(['verify', '--workspace', file])).toMatchObject({ code: 1 });
  const { stop } = await holder(file);
  const refused = await here(['rebuild', '--workspace', file]);
  expect(refused.code).not.toBe(0);
  expect(refused.err).toContain('holds the workspace');
  await stop();
  expect(await here(['rebuild', '--workspace', file])).toMatchObject({ code: 0, json: { ok: true, mended: 1 } });
  expect(await here(['verify', '--workspace', file])).toMatchObject({ code: 0, json: { ok: true } });
});

test('verify names the first bad row and exits with 1', async () => {
  const file = workspace();
  const database = new Database(file);
  database.exec(`UPDATE record SET body = json_set(body, '$.issuer', 'Somebody else') WHERE kind = 'settings'`);
  database.close();
  const { code, json } = await here(['verify', '--workspace', file]);
  expect(code).toBe(1);
  expect(json).toMatchObject({ ok: false, problem: { table: 'record' } });
  const told = await here(['verify', '--workspace', file, '--output', 'table']);
  expect(told.out).toContain('record settings/workspace');
});

test.each([
  ['missing', 'MISSING', () => undefined],
  [
    'text',
    'NOT_A_WORKSPACE',
    (file: string) => writeFileSync(file, 'no database, but long enough to look at'.repeat(40)),
  ],
  [
    'truncated',
    'DAMAGED',
    (file: string) => {
      copyFileSync(template, file);
      truncateSync(file, 8_192);
    },
  ],
  [
    'scribbled',
    'DAMAGED',
    (file: string) => {
      copyFileSync(template, file);
      const descriptor = openSync(file, 'r+');
      for (let page = 2; page < 60; page += 1) writeSync(descriptor, Buffer.alloc(512, 0xa5), 0, 512, page * 4096);
      closeSync(descriptor);
    },
  ],
] as const)('verify says of a %s file that it cannot, and why', async (name, code, make) => {
  const file = join(folder, `${name}.broken`);
  make(file);
  const ran = await here(['verify', '--workspace', file]);
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(JSON.parse(ran.err)).toMatchObject({ code });
  expect(await here(['info', '--workspace', file])).toMatchObject({ code: 2, out: '' });
});

test('a backup is made and tried step by step, and a drill that fails ends with its own code', async () => {
  const file = workspace();
  const copy = join(folder, 'tried.tollkeeper');
  const lastOf = (out: string): unknown => JSON.parse(out.trim().split('\n').at(-1) ?? '');
  const made = await here(['backups', 'make', '--file', copy, ...as(file)]);
  expect(made.code).toBe(0);
  expect(lastOf(made.out)).toMatchObject({ done: true, ok: true, file: copy });
  const tried = await here(['backups', 'drill', ...as(file)]);
  expect(tried.code).toBe(0);
  expect(lastOf(tried.out)).toMatchObject({ done: true, ok: true, file: copy });
  truncateSync(copy, 100);
  const failed = await here(['backups', 'drill', '--file', copy, ...as(file)]);
  expect(failed.code).toBe(1);
  expect(lastOf(failed.out)).toMatchObject({ done: true, ok: false });
  const list = await here(['backups', 'list', '--workspace', file]);
  expect(list.json).toMatchObject({ items: [{ kind: 'drill', ok: false }, { kind: 'drill', ok: true }, { ok: true }] });
});

test('a backup is proven, restored under another name, and answers alike', async () => {
  const file = workspace();
  const [copy, restored] = [join(folder, 'copy.tollkeeper'), join(folder, 'restored.tollkeeper')];
  expect(await here(['backup', copy, ...as(file)])).toMatchObject({
    code: 0,
    json: { verified: true, file: copy },
  });
  expect((await here(['backup', copy, ...as(file)])).code).toBe(1);
  expect(await here(['restore', copy, restored])).toMatchObject({ code: 0, json: { workspace: restored } });
  expect((await here(['restore', copy, restored])).code).toBe(2);
  const plans = ['plans', 'list', '--workspace'];
  expect((await here([...plans, restored])).out).toBe((await here([...plans, file])).out);
});

const missing = shimsMissing();

test.skipIf(missing !== undefined)(
  `what cannot be written is still read and proven${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const own = join(folder, 'protected');
    mkdirSync(own);
    const file = join(own, 'books.tollkeeper');
    copyFileSync(template, file);
    const disk = faultyDisk(own);
    disk.protect();
    const run = (...args: string[]) => tollkeeper([...args, '--workspace', file], { env: { ...disk.env } });
    const [plans, verified, write, backup] = await Promise.all([
      run('plans', 'list'),
      run('verify'),
      run('customers', 'create', '--name', 'Acme', '--operator', 'ada'),
      run('backup', join(folder, 'rescued.tollkeeper')),
    ]);
    disk.dispose();
    expect(plans.err).toBe('');
    expect((plans.json as { items: unknown[] }).items.length).toBeGreaterThan(5);
    expect(verified).toMatchObject({ code: 0, json: { ok: true } });
    expect(write.code).toBe(2);
    expect(JSON.parse(write.err)).toMatchObject({ fix: expect.stringMatching(/\S/) });
    expect(backup).toMatchObject({ code: 0, json: { verified: true } });
  },
);
