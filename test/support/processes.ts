/** Looks at the processes of this machine, to tell whether a test's subject left one behind. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';

/** The folder a process works in; nothing when it has ended meanwhile or belongs to somebody else. */
function folderOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // Gone, or not ours to see: either way not one we started.
  }
}

/** The command lines that mention a folder, and on Linux also the processes that work in it. */
export function processesIn(folder: string): string[] {
  const listed = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  const inside =
    process.platform === 'linux' ? readdirSync('/proc').filter((pid) => folderOf(pid)?.startsWith(folder)) : [];
  return listed
    .map((line) => line.trim())
    .filter((line) => line.includes(folder) || inside.includes(line.split(' ', 1)[0] ?? ''));
}

/** Waits until no process is left in a folder, and gives those that stay. */
export async function remainingIn(folder: string, withinMs: number): Promise<string[]> {
  const deadline = performance.now() + withinMs;
  let found = processesIn(folder);
  while (found.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    found = processesIn(folder);
  }
  return found;
}

/** The environment of a person at a shell: without what npm and this test run have put there. */
export function newcomerEnv(root: string): NodeJS.ProcessEnv {
  const isNpm = (name: string) => /^(?:npm_(?!config_)|INIT_CWD$|NODE_|VITEST|VITE_|TEST$|DEV$|PROD$|MODE$)/.test(name);
  const kept = Object.entries(process.env).filter(([name]) => !isNpm(name));
  const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.startsWith(root));
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}
