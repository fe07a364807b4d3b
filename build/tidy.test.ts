/** Every rule of tidy, shown on the smallest source that breaks it and on one that does not. */
import { describe, expect, test } from 'vitest';
import { judgeImports } from './tidy/imports.ts';
import { judgeReach } from './tidy/reach.ts';
import { judgeShape } from './tidy/shape.ts';
import { type Complaint, type Source, readSource } from './tidy/source.ts';
import { judgeSql } from './tidy/sql.ts';
import { judgeAddresses, judgeWords } from './tidy/words.ts';

const OPENING = '/** What it is for. */\n';

/** What a family of rules says about one text, as `line: rule`. */
function saidOf(judge: (source: Source) => Complaint[], path: string, text: string): string[] {
  return judge(readSource(path, text)).map(({ line, rule }) => `${line}: ${rule}`);
}

const imports = (path: string, text: string) => saidOf(judgeImports, path, text);
const shape = (path: string, text: string) => saidOf(judgeShape, path, OPENING + text);
const words = (path: string, text: string) => saidOf(judgeWords, path, text);
const sql = (path: string, text: string) => saidOf(judgeSql, path, text);

describe('who may import what', () => {
  test.each([
    ['core/domain/a.ts', `import { b } from './b.ts';`],
    ['core/contract/a.ts', `import { z } from 'zod'; import { b } from '#core/domain/b.ts';`],
    ['core/ledger/a.ts', `import Database from 'better-sqlite3'; import { createHash } from 'node:crypto';`],
    ['core/services/a.ts', `import type { Store } from '#core/ledger/store.ts';`],
    ['core/services/a.ts', `import { type Store } from '#core/ledger/store.ts';`],
    ['core/runtime/a.ts', `import { open } from '#core/ledger/open.ts'; import { readFile } from 'node:fs/promises';`],
    ['renderer/ui/a.tsx', `import type { X } from '#core/contract/x.ts'; import { m } from '#core/domain/money.ts';`],
    ['renderer/screens/usage/a.tsx', `import { b } from '../../ui/b.tsx'; import { c } from './c.tsx';`],
    ['core/domain/a.test.ts', `import { readFileSync } from 'node:fs'; import { o } from '#core/ledger/open.ts';`],
    ['test/crash/a.test.ts', `import { o } from '#core/ledger/open.ts'; import { s } from '../support/s.ts';`],
  ])('%s may: %s', (path, text) => {
    expect(imports(path, text)).toEqual([]);
  });

  test.each([
    ['core/domain/a.ts', `import { readFileSync } from 'node:fs';`, 'core/domain does not import node:fs.'],
    ['core/domain/a.ts', `import { z } from 'zod';`, 'core/domain does not import the package zod.'],
    ['core/domain/a.ts', `const x = await import('#core/ledger/open.ts');`, 'core/domain does not import core/ledger.'],
    ['core/domain/a.ts', `let x: import('#core/ledger/open.ts').X;`, 'core/domain does not import core/ledger.'],
    ['core/contract/a.ts', `export * from '#core/services/x.ts';`, 'core/contract does not import core/services.'],
    ['core/ledger/a.ts', `import { x } from '#core/services/x.ts';`, 'core/ledger does not import core/services.'],
    ['core/ledger/a.ts', `import { x } from 'node:http';`, 'core/ledger does not import node:http.'],
    ['core/services/a.ts', `import { o } from '#core/ledger/open.ts';`, 'types only'],
    ['core/services/a.ts', `import fastify from 'fastify';`, 'does not import the package fastify'],
    ['core/client/a.ts', `import { x } from '#core/domain/x.ts';`, 'core/client does not import core/domain.'],
    ['core/gateway/a.ts', `import Database from 'better-sqlite3';`, 'package better-sqlite3'],
    ['core/runtime/a.ts', `import { app } from 'electron';`, 'package electron'],
    ['renderer/ui/a.tsx', `import { x } from '#core/contract/x.ts';`, 'types only'],
    ['renderer/ui/a.tsx', `import { x } from '#core/services/x.ts';`, 'renderer does not import core/services.'],
    ['renderer/screens/usage/a.tsx', `import { b } from '../credits/b.tsx';`, 'A screen does not import another.'],
    ['core/ledger/a.ts', `import { x } from '../domain/x.ts';`, 'Across layers imports start with "#"'],
    ['core/ledger/a.ts', `import { x } from '#core/ledger/x.ts';`, 'Inside a layer imports are relative.'],
    ['core/ledger/a.ts', `import { x } from './x';`, 'with its extension'],
    ['core/ledger/a.ts', `new Worker(new URL('../services/x.ts', import.meta.url));`, 'Across layers'],
    ['core/novelty/a.ts', `export const a = 1;`, 'has no row in the import table'],
  ])('%s may not: %s', (path, text, rule) => {
    expect(imports(path, text).join()).toContain(rule);
  });
});

describe('size and names', () => {
  const longFunction = (name: string) => `${name}{\n${'  void 0;\n'.repeat(69)}}\n`;

  test('a function of 71 lines is one too long, wherever it stands', () => {
    expect(shape('core/domain/a.ts', longFunction('function f() '))[0]).toBe(
      '2: A function has at most 70 lines; this one has 71.',
    );
    expect(shape('core/domain/a.ts', longFunction('const f = () => '))).toHaveLength(1);
    expect(shape('core/domain/a.ts', longFunction('function f() ').replace('  void 0;\n', ''))).toEqual([]);
  });

  test('a group of tests may be as long as its file', () => {
    expect(shape('core/domain/a.test.ts', `describe('x', () => ${longFunction('')});`)).toEqual([]);
    expect(shape('core/domain/a.test.ts', `describe.skipIf(no)('x', () => ${longFunction('')});`)).toEqual([]);
  });

  test('a file of 401 lines, and a line of 121 columns, are too much in any language', () => {
    expect(saidOf(judgeShape, 'renderer/ui/a.css', 'a\n'.repeat(401))[0]).toContain('401: A file has at most 400');
    expect(saidOf(judgeShape, 'renderer/ui/a.css', 'a\n'.repeat(400))).toEqual([]);
    expect(shape('core/domain/a.ts', `// ${'x'.repeat(118)}`)[0]).toContain('this one has 121');
    expect(shape('core/domain/a.ts', `// ${'é'.repeat(117)}`)).toEqual([]);
  });

  test('names that say nothing are refused, in paths and in code', () => {
    expect(shape('core/domain/utils.ts', '')[0]).toContain('"utils" names nothing');
    expect(shape('test/common/a.ts', '')[0]).toContain('"common" names nothing');
    expect(shape('core/domain/a.ts', 'class HoldManager {}')[0]).toContain('"HoldManager" names nothing');
    expect(shape('core/domain/a.ts', 'const isCommon = 1; function manage() {}')).toEqual([]);
  });

  test('a file says first what it is for', () => {
    expect(saidOf(judgeShape, 'core/domain/a.ts', 'export const a = 1;')[0]).toContain('opens with one sentence');
    expect(saidOf(judgeShape, 'build/bin/a.mjs', `#!/usr/bin/env node\n${OPENING}`)).toEqual([]);
  });
});

describe('constructions that hide a mistake', () => {
  test.each([
    ['let a: any;', '"any" switches the compiler off'],
    ['// @ts-ignore because the types are wrong', 'not silenced'],
    ['// @ts-expect-error', 'says why'],
    ['// oxlint-disable-next-line no-shadow', 'says why'],
    ['/* oxlint-disable no-shadow -- sad */', 'says why'],
    ['// TODO: later', 'is an issue'],
    ['const a = b as unknown as C;', 'as unknown as'],
    ['console.log(1);', 'No console here'],
    ['Number(feeMinor)', 'no Number()'],
    ['const x = { n: Number(line.amount) };', 'no Number()'],
    ['Math.round(fee.amountMinor / 2)', 'no Math.round()'],
    ['parseFloat(text)', 'parseFloat loses digits'],
    ['+amountMinor', 'no unary plus'],
    [`throw new Error('no')`, 'No bare Error'],
    [`throw TypeError('no')`, 'No bare TypeError'],
  ])('%s', (text, rule) => {
    expect(words('core/ledger/a.ts', text).join()).toContain(rule);
  });

  test.each([
    '// oxlint-disable-next-line no-shadow -- the name is that of the protocol',
    '// @ts-expect-error the library types this as a string though it gives bytes',
    'Number(seconds)',
    'const text = `any ${a}`;',
    'throw new RefusalError(refusal);',
    'throw error;',
    '// The driver types rows loosely; the table list above names these columns.\nconst a = b as unknown as C;',
  ])('%s is fine', (text) => {
    expect(words('core/ledger/a.ts', text)).toEqual([]);
  });

  test('what needs it is allowed where it is needed', () => {
    expect(words('core/domain/refusal.ts', `throw new Error('Broken invariant')`)).toEqual([]);
    expect(words('core/cli/output.ts', 'console.log(1)')).toEqual([]);
    expect(words('core/domain/a.test.ts', `throw new Error('a test may'); Number(amountMinor)`)).toEqual([]);
    expect(words('core/domain/a.test.ts', 'let a: any;')).toHaveLength(1);
  });

  test('an address of a package registry is refused in any file', () => {
    const address = ['https://packages-registry', 'example', 'org/x'].join('.');
    expect(saidOf(judgeAddresses, 'docs/a.md', `one\nget it at ${address}`)).toEqual([
      '2: No address of a package registry.',
    ]);
    expect(saidOf(judgeAddresses, 'docs/a.md', 'the registry is another; https://example.org/packages')).toEqual([]);
  });
});

describe('SQL', () => {
  test.each([
    'SELECT 1',
    'SELECT id\n FROM account',
    'INSERT OR IGNORE INTO t VALUES (1)',
    'UPDATE t SET a = 1',
    'DELETE FROM t',
    'CREATE UNIQUE INDEX a ON t (b)',
    'PRAGMA journal_mode',
  ])('%s lives in the ledger only', (text) => {
    expect(sql('core/services/a.ts', `db.exec(\`${text}\`)`)).toEqual(['1: SQL lives in core/ledger only.']);
    expect(sql('core/ledger/a.ts', `db.exec(\`${text}\`)`)).toEqual([]);
    expect(sql('test/crash/a.test.ts', `db.exec(\`${text}\`)`)).toEqual([]);
  });

  test('words of people are not SQL', () => {
    expect(sql('core/services/a.ts', `say('Select a plan'); say('Update the price'); say('Delete from here')`)).toEqual(
      [],
    );
  });

  test.each([
    ['SELECT 1 FROM entry ORDER BY amount DESC LIMIT 3', 'amount'],
    ['SELECT 1 FROM entry ORDER BY customer, e.balance', 'e.balance'],
    ['SELECT sum(a) OVER (ORDER BY fee_minor) FROM entry', 'fee_minor'],
  ])('%s sorts text', (text, column) => {
    expect(sql('core/ledger/a.ts', `const q = '${text}';`).join()).toContain(`${column} is text`);
  });

  test.each([
    'ORDER BY length(amount), amount',
    'ORDER BY happened_ms, id',
    'ORDER BY length(e.balance) DESC, e.balance DESC',
  ])('%s sorts what it means', (order) => {
    expect(sql('core/ledger/a.ts', `const q = 'SELECT 1 FROM entry e ${order} LIMIT 3';`)).toEqual([]);
  });
});

describe('dead files', () => {
  const dead = (files: Record<string, string>) =>
    judgeReach(Object.entries(files).map(([path, text]) => readSource(path, text))).map(({ path }) => path);

  test('what neither a command nor a test reaches is dead', () => {
    expect(dead({ 'build/bootstrap.mjs': `import './a.mjs';`, 'build/a.mjs': '', 'build/b.mjs': '' })).toEqual([
      'build/b.mjs',
    ]);
  });

  test('imports, paths in strings and pages reach', () => {
    const files = {
      'build/bootstrap.mjs': `run('core/cli/main.ts');`,
      'core/cli/main.ts': `import '#core/runtime/r.ts'; new URL('./worker.ts', import.meta.url);`,
      'core/runtime/r.ts': '',
      'core/cli/worker.ts': '',
      'renderer/index.html': '<script type="module" src="/app/main.tsx"></script>',
      'renderer/app/main.tsx': `import './main.css';`,
      'renderer/app/main.css': '',
      'core/domain/a.test.ts': `import './a.ts';`,
      'core/domain/a.ts': '',
    };
    expect(dead(files)).toEqual([]);
  });

  test('two files that only reach each other are both dead', () => {
    expect(dead({ 'core/domain/a.ts': `import './b.ts';`, 'core/domain/b.ts': `import './a.ts';` })).toHaveLength(2);
  });
});
