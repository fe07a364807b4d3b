/** When the bootstrap installs, and when it leaves an install alone. */
import { describe, expect, test } from 'vitest';
import { matchesLock } from './launch.mjs';

const here = { os: [process.platform], cpu: [process.arch], integrity: 'sha512-x', optional: true };
const lock = {
  packages: {
    '': { name: 'tollkeeper' },
    'node_modules/zod': { version: '4.0.0', integrity: 'sha512-x' },
    'node_modules/binary-here': { version: '1.0.0', ...here },
    'node_modules/binary-elsewhere': { version: '1.0.0', ...here, os: ['plan9'] },
    'node_modules/binary-unknown': { version: '1.0.0', optional: true },
  },
};
const whole = {
  packages: { 'node_modules/zod': { version: '4.0.0' }, 'node_modules/binary-here': { version: '1.0.0' } },
};

function installed(changes: Record<string, { version: string } | undefined>): unknown {
  const packages = Object.entries({ ...whole.packages, ...changes }).filter(([, entry]) => entry !== undefined);
  return { packages: Object.fromEntries(packages) };
}

describe('an install', () => {
  test('is left alone when it holds what this platform can have', () => {
    expect(matchesLock(lock, whole)).toBe(true);
    expect(matchesLock(lock, installed({ 'node_modules/extra': { version: '1.0.0' } }))).toBe(true);
  });

  test('is made again when a package is missing or of another version', () => {
    expect(matchesLock(lock, installed({ 'node_modules/zod': { version: '4.0.1' } }))).toBe(false);
    expect(matchesLock(lock, installed({ 'node_modules/zod': undefined }))).toBe(false);
    expect(matchesLock(lock, installed({ 'node_modules/binary-here': undefined }))).toBe(false);
    expect(matchesLock(lock, installed({ 'node_modules/binary-unknown': { version: '0.9.0' } }))).toBe(false);
  });

  test('is made when there is none, or one that npm did not finish', () => {
    expect(matchesLock(lock, undefined)).toBe(false);
  });
});
