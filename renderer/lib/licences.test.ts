import { expect, test } from 'vitest';
import { findPackages } from './licences.ts';

const packages = [
  { name: 'ws', version: '8.23.0', licence: 'MIT', text: 0 },
  { name: 'wsx', version: '1.0.0', licence: 'Apache-2.0', text: null },
];

test('packages are found by name, version and licence', () => {
  const names = (words: string) => findPackages(packages, words).map(({ name }) => name);
  expect(names('')).toEqual(['ws', 'wsx']);
  expect(names('ws@8')).toEqual(['ws']);
  expect(names('apache ws')).toEqual(['wsx']);
  expect(names('8.23 apache')).toEqual([]);
});
