/** Keeps the mutants fit to run: a patch that no longer applies proves nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readMutants } from './patch.ts';

describe.each(readMutants())('mutant $name', ({ path, guard, test: file }) => {
  test('names the guard it removes and a test that is there', () => {
    expect(guard).not.toBe('');
    expect(existsSync(file), `${file} is the test that must turn red`).toBe(true);
  });

  test('still applies', () => {
    const apply = spawnSync('git', ['apply', '--check', path], { encoding: 'utf8' });
    expect(apply.stderr).toBe('');
    expect(apply.status).toBe(0);
  });
});
