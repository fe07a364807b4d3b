import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonicalPath, defaultWorkspace } from './paths.ts';

test('the sample workspace lies where the platform keeps data of programs', () => {
  expect(defaultWorkspace({}, 'linux')).toBe(join(homedir(), '.local/share/tollkeeper/sample.tollkeeper'));
  expect(defaultWorkspace({ XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/tollkeeper/sample.tollkeeper');
  expect(defaultWorkspace({ XDG_DATA_HOME: 'data' }, 'linux')).toContain('.local/share');
  expect(defaultWorkspace({}, 'darwin')).toContain('Library/Application Support/Tollkeeper');
  expect(defaultWorkspace({ LOCALAPPDATA: '/local' }, 'win32')).toBe('/local/Tollkeeper/sample.tollkeeper');
  expect(defaultWorkspace({ TOLLKEEPER_HOME: '/here' }, 'darwin')).toBe('/here/sample.tollkeeper');
});

test('every link to a workspace leads to one path', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tk-paths-')));
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  expect(canonicalPath(join(folder, 'link', 'new.tollkeeper'))).toBe(join(folder, 'real', 'new.tollkeeper'));
  writeFileSync(join(folder, 'real', 'a.tollkeeper'), '');
  symlinkSync(join(folder, 'real', 'a.tollkeeper'), join(folder, 'b.tollkeeper'));
  expect(canonicalPath(join(folder, 'b.tollkeeper'))).toBe(join(folder, 'real', 'a.tollkeeper'));
  rmSync(folder, { recursive: true });
});
