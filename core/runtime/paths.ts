/** Where files are kept on this machine: the sample workspace, and the one name a workspace goes by. */
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder for what belongs to no project: `TOLLKEEPER_HOME`, or where each platform keeps data of programs. */
export function homeFolder(env: Environment = process.env, platform: NodeJS.Platform = process.platform): string {
  const named = env['TOLLKEEPER_HOME'];
  if (named) return resolve(named);
  const home = homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Tollkeeper');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Tollkeeper');
  const data = env['XDG_DATA_HOME'];
  // The XDG base directory specification says that a relative path is to be ignored.
  return join(data && isAbsolute(data) ? data : join(home, '.local', 'share'), 'tollkeeper');
}

/** The sample workspace, used where no other is named. */
export function defaultWorkspace(env: Environment = process.env, platform: NodeJS.Platform = process.platform): string {
  return join(homeFolder(env, platform), 'sample.tollkeeper');
}

/** The one path of a workspace, whatever links lead to it: its lock and its attach file are found beside this. */
export function canonicalPath(file: string): string {
  const path = resolve(file);
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}
