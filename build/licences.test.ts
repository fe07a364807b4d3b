import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectLicences, licenceOf } from './licences.ts';

const root = join(import.meta.dirname, '..');

test('a licence is read however a manifest states it', () => {
  expect(licenceOf({ license: 'MIT' })).toBe('MIT');
  expect(licenceOf({ license: { type: 'ISC' } })).toBe('ISC');
  expect(licenceOf({ licenses: [{ type: 'MIT' }, { type: 'BSD' }] })).toBe('MIT OR BSD');
  expect(licenceOf({})).toBe('not stated');
});

test('what is shipped is listed with its version and text, and what only builds is not', { timeout: 30_000 }, () => {
  const { packages, texts } = collectLicences(root);
  const named = new Map(packages.map((one) => [one.name, one]));
  for (const name of ['better-sqlite3', 'react', 'zod', '@fontsource-variable/inter', 'electron', 'viem', 'ox'])
    expect(named.get(name), name).toBeDefined();
  for (const name of ['vitest', 'oxfmt', 'oxlint', 'playwright-core', 'electron-builder'])
    expect(named.get(name), name).toBeUndefined();
  expect(texts[named.get('react')?.text ?? -1]).toContain('Permission is hereby granted');
  expect(packages.filter(({ licence }) => licence === 'not stated').length).toBeLessThan(packages.length / 20);
});
