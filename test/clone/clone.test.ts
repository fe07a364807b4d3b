/**
 * What a newcomer does: clone, `npm start`, the tour of the README, Ctrl-C. Runs on the last commit, with the Node and
 * npm of the machine. Each part is on as soon as the commit has what it needs.
 *
 * The tour is every fenced block of README.md under a line `<!-- tour -->`. A block that is `npm start` starts the
 * console for the rest; the other blocks run in order under `bash -e`, with TOLLKEEPER_URL (the gateway) and
 * TOLLKEEPER_KEY (the sample's key) set, and must end with exit code 0.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newcomerEnv, remainingIn } from '../support/processes.ts';

const ROOT = realpathSync('.');
/** A home of its own: what this machine's user has made with Tollkeeper is none of a newcomer's. */
const home = mkdtempSync(join(tmpdir(), 'tollkeeper-home-'));
const env = { ...newcomerEnv(ROOT), TOLLKEEPER_HOME: home };

const isCommitted = (path: string): boolean =>
  spawnSync('git', ['cat-file', '-e', `HEAD:${path}`], { stdio: 'ignore' }).status === 0;

/** The commands of the tour, in order. */
function tourOf(readme: string): string[] {
  return [...readme.matchAll(/<!-- tour -->\s*```\w*\n(.*?)```/gs)].map(([, block = '']) => block.trim());
}

type Ready = {
  host: string;
  consoleUrl: string;
  gatewayUrl: string;
  workspace: string;
  sample: boolean;
  sampleKey: string;
  readyMs: number;
};

/** Starts the console in a clone and gives what it prints on stdout, npm's banner aside, once it is ready. */
async function startConsole(clone: string): Promise<{ npm: ChildProcess; stdout: string[]; ready: Ready }> {
  const args = ['start', '--', '--json', '--no-open', '--port', '0', '--gateway', '127.0.0.1:0'];
  const npm = spawn('npm', args, { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const stdout: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: npm.stdout }).on('line', (line) => {
    if (line === '' || line.startsWith('> ')) return;
    stdout.push(line);
    resolve(line);
  });
  npm.on('exit', (code) => reject(new Error(`npm start ended before it was ready, with exit code ${code}`)));
  return { npm, ready: JSON.parse(await promise) as Ready, stdout };
}

describe.skipIf(!isCommitted('build/start.ts'))('a clean clone', () => {
  let clone: string;
  beforeAll(() => {
    clone = realpathSync(mkdtempSync(join(tmpdir(), 'tollkeeper-clone-')));
    execFileSync('git', ['clone', '--quiet', '--no-local', ROOT, clone]);
  });
  afterAll(() => {
    rmSync(clone, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  });

  test('installs from the lockfile, and only once', () => {
    const run = () => spawnSync('npm', ['run', 'lock', '--', '--check'], { cwd: clone, env, encoding: 'utf8' });
    const first = run();
    expect(first.stderr).toContain('npm ci --ignore-scripts');
    expect(first.stdout).toContain('package-lock.json is complete');
    expect(run().stderr).not.toContain('npm ci');
    expect(existsSync(join(clone, 'node_modules/.package-lock.json'))).toBe(true);
  });

  test.skipIf(!isCommitted('core/cli/main.ts'))('has its command under npx, from any folder in it', () => {
    const help = spawnSync('npx', ['tollkeeper', '--help'], { cwd: join(clone, 'core'), env, encoding: 'utf8' });
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('tollkeeper');
  });

  describe.skipIf(!isCommitted('core/runtime/start.ts'))('started', () => {
    let npm: ChildProcess;
    let stdout: string[];
    let ready: Ready;
    beforeAll(async () => {
      ({ npm, stdout, ready } = await startConsole(clone));
    });
    afterAll(() => npm?.kill('SIGKILL'));

    test('says where it is, in one line of JSON', () => {
      expect(ready).toMatchObject({ sample: true, workspace: expect.any(String), sampleKey: expect.any(String) });
      expect(['electron', 'browser']).toContain(ready.host);
      expect(new URL(ready.consoleUrl).hostname).toBe('127.0.0.1');
      expect(ready.readyMs).toBeGreaterThan(0);
    });

    test('answers on its gateway', async () => {
      expect((await fetch(`${ready.gatewayUrl}/healthz`)).status).toBe(200);
    });

    test('takes the tour of the README', () => {
      const readme = join(clone, 'README.md');
      const blocks = existsSync(readme) ? tourOf(readFileSync(readme, 'utf8')) : [];
      const shown = { ...env, TOLLKEEPER_URL: ready.gatewayUrl, TOLLKEEPER_KEY: ready.sampleKey };
      for (const block of blocks.filter((text) => text !== 'npm start')) {
        const run = spawnSync('bash', ['-e', '-c', block], { cwd: clone, env: shown, encoding: 'utf8' });
        expect(run.status, `${block}\n${run.stdout}${run.stderr}`).toBe(0);
      }
    });

    test('ends at SIGTERM within 5 seconds, with exit code 0 and no process left', async () => {
      const exited = once(npm, 'exit');
      const startedAtMs = performance.now();
      npm.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      expect(performance.now() - startedAtMs).toBeLessThan(5000);
      expect(stdout).toHaveLength(1);
      expect(await remainingIn(clone, 1000)).toEqual([]);
    });
  });
});
