/** The lock that is in the repository, and how a lock with gaps is completed. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Lock, addressed, completed, gaps, unclosable } from './lock-complete.ts';

const lock: Lock = {
  packages: {
    '': {},
    'node_modules/lint': { version: '2.0.0', optionalDependencies: { '@lint/linux': '2.0.0', '@lint/plan9': '2.0.0' } },
    'node_modules/@lint/linux': { version: '2.0.0', optional: true },
    'node_modules/zod': { version: '4.0.0' },
  },
};

describe('a lock with gaps', () => {
  test('names the optional packages that it lacks', () => {
    expect(gaps(lock)).toEqual([{ from: 'node_modules/lint', name: '@lint/plan9', version: '2.0.0' }]);
  });

  test('is completed with their versions, in the order of npm, and only once', () => {
    const whole = completed(lock);
    expect(whole.packages['node_modules/@lint/plan9']).toEqual({ version: '2.0.0', optional: true });
    expect(Object.keys(whole.packages)[2]).toBe('node_modules/@lint/plan9');
    expect(gaps(whole)).toEqual([]);
    expect(completed(whole)).toEqual(whole);
  });

  test('finds a package beside the one that names it before the one at the top', () => {
    const nested = { version: '1.0.0', optionalDependencies: { inner: '1.0.0' } };
    const own = { 'node_modules/a': nested, 'node_modules/a/node_modules/inner': { version: '1.0.0' } };
    expect(gaps({ packages: own })).toEqual([]);
  });

  test('cannot be completed where a range leaves the version open', () => {
    const open = { packages: { 'node_modules/a': { optionalDependencies: { b: '^1.0.0' } } } };
    expect(unclosable(open)).toHaveLength(1);
  });
});

test('the lock of this repository is complete and names no download address', () => {
  const own = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
  expect(gaps(own)).toEqual([]);
  expect(addressed(own)).toEqual([]);
});
